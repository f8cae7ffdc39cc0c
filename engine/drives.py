"""The drives: where a dream comes from, and what it is then."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Rule = Literal["gradient", "deconv", "guided"]
"""How a gradient passes a ReLU backwards; see `Pack.dream`."""


@dataclass(frozen=True)
class Drive:
    """One way to get a dream out of a network.

    Attributes:
        name: as the parameter `drive` has it.
        meaning: one line for help texts.
        rule: how the gradient passes a ReLU; None where the drive uses no gradient, but the
            templates of the units that are active, so a pack without templates cannot have it.
        gives_waveform: whether its dream can be heard as a waveform of its own.
        gives_magnitude: whether its dream can be heard as magnitudes that shape the sound.
    """

    name: str
    meaning: str
    rule: Rule | None
    gives_waveform: bool = True
    gives_magnitude: bool = True

    @property
    def needs_templates(self) -> bool:
        """Whether it needs a pack with templates."""
        return self.rule is None


DRIVES: Mapping[str, Drive] = {
    drive.name: drive
    for drive in (
        Drive("gradient", "the network's gradient", "gradient"),
        Drive("deconv", "the same by the deconvolution network's rule", "deconv"),
        Drive("guided", "the same by guided back-propagation's rule", "guided"),
        Drive("track", "the spectra of the active units", None, gives_waveform=False),
        Drive("grains", "grains of sound of the active units", None, gives_magnitude=False),
    )
}
"""Every drive by its name, in the order in which menus show them."""
