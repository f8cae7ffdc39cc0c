"""A network as the view shows it: its layers, with their units ordered by pitch. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...engine.arrays import Float
from ...engine.errors import ModelError
from ...engine.packs.manifest import OUTPUT_LAYER, LayerInfo
from ...engine.packs.network_set import NetworkSet
from ...engine.packs.pack import Pack

Units = NDArray[np.intp]


@dataclass(frozen=True)
class Picture:
    """The layers, classes and templates of a network.

    Attributes:
        name: of the model.
        layers: by name, in network order.
        classes: names of the last layer's units.
        order: layer -> its units by ascending pitch, those without a pitch last.
        hertz: layer -> spectral centre of each unit's template in hertz; NaN for units without.
        templates: layer -> float32 [units, bins], from 0 Hz to half the rate; empty if the pack
            has none.
        sample_rate: of the network.
    """

    name: str = ""
    layers: Mapping[str, LayerInfo] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    order: Mapping[str, Units] = field(default_factory=dict)
    hertz: Mapping[str, Float] = field(default_factory=dict)
    templates: Mapping[str, Float] = field(default_factory=dict)
    sample_rate: int = 0

    @classmethod
    def of(cls, pack: Pack | NetworkSet) -> "Picture":
        """Describe a pack; without templates the units are in the order of the network."""
        try:
            templates = pack.templates()
        except ModelError:
            templates = {}
        order, hertz = {}, {}
        for name, layer in pack.layers.items():
            spectra = templates.get(name, np.zeros((layer.units, 2), np.float32))
            hertz[name] = centre_hertz(spectra, pack.sample_rate)
            order[name] = np.argsort(hertz[name], kind="stable")
        return cls(pack.name, pack.layers, pack.classes, order, hertz, templates, pack.sample_rate)

    def label(self, layer: str, unit: int) -> str:
        """Return a unit's name for the user: its class, or its layer and index."""
        if layer == OUTPUT_LAYER and unit < len(self.classes):
            return self.classes[unit]
        return f"{layer} unit {unit}"

    def pitch(self, layer: str, unit: int) -> str:
        """Return a unit's pitch in words, such as `1.2 kHz`; empty if it has none."""
        hertz = float(self.hertz[layer][unit])
        if not np.isfinite(hertz):
            return ""
        return f"{hertz / 1000:.1f} kHz" if hertz >= 1000 else f"{hertz:.0f} Hz"


def centre_hertz(spectra: Float, sample_rate: int) -> Float:
    """Return the spectral centroid on a logarithmic axis of frequency, weighted by power.

    Args:
        spectra: [units, bins] magnitudes from 0 Hz to half the rate.
        sample_rate: in hertz.

    Returns:
        float32 [units], in hertz; NaN if a spectrum is zero.
    """
    logs = np.log(np.linspace(0, sample_rate / 2, spectra.shape[1])[1:])
    power = np.square(spectra[:, 1:], dtype=np.float64)
    total = power.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        centres = np.exp(power @ logs / total)
    return np.asarray(np.where(total > 0, centres, np.nan), np.float32)
