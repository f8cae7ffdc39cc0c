"""The spectra of every unit's maximising waveform, layer by layer.

After the figure of SampleCNN (Lee, Park, Kim and Nam, 2017): for every unit the magnitude spectrum
of its maximising waveform, one FFT as long as the signal; units are sorted by the frequency of
their peak.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..defaults import SEED, SPECTRA_PARAMETERISATION
from ..packs.network import PackLike
from ..packs.onnx_runners import check_layers
from ..packs.resolve import PackOrName, resolve_pack
from ..targets.objectives import unit
from .a_weighting import Ear
from .batch_ascent import MaximisedSound, maximise_batch
from .batches import batch_size, in_parallel
from .checkpoint import BatchResults, Checkpoint
from .initial_noise import STARTS, Start
from .method import Method, with_settings
from .parameterisations import PARAMETERISATIONS, Parameterisation
from .templates import seek_templates
from .tone_responses import tone_frequencies, tone_responses

VOICE_HZ = (200.0, 3400.0)
"""The band of speech, as on the telephone; the report measures the energy in it."""
UNFINISHED = "unfinished"
"""The folder, within that of the results, that keeps finished batches until all are finished."""
METHOD = Method(
    parameterisation=PARAMETERISATIONS[SPECTRA_PARAMETERISATION],
    ear=Ear(0.0),
    starts=(Start(0.0, False), *STARTS),
)
"""White noise, every sample free and no A-weighting, as in the source: no prior on sounds."""
BANDS = 256
"""Rows of the figure and of the tables, evenly spaced in frequency."""


@dataclass(frozen=True)
class LayerSpectra:
    """The spectra of one layer's units.

    Attributes:
        layer: its name.
        sample_rate: in hertz.
        waveforms: float32 [units, window], each unit's maximising waveform; silence for dead units.
        at_start: float32 [units], activation on the noise.
        at_end: float32 [units], activation on the waveform.
        dead: bool [units], whether a unit stayed inactive from every noise.
        steps: int64 [units], steps taken.
        tones: float32 [units, tones], activation on pure tones of `tone_hz`.
        tone_hz: float64 [tones], their frequencies.
    """

    layer: str
    sample_rate: int
    waveforms: Float
    at_start: Float
    at_end: Float
    dead: NDArray[np.bool_]
    steps: NDArray[np.int64]
    tones: Float
    tone_hz: NDArray[np.float64]

    @property
    def hertz(self) -> NDArray[np.float64]:
        """The frequency of each bin, float64 [bins]."""
        spaced = np.fft.rfftfreq(self.waveforms.shape[1], 1 / self.sample_rate)
        return np.asarray(spaced, np.float64)

    @property
    def magnitudes(self) -> Float:
        """Magnitudes of one FFT as long as the waveform, [units, bins], peak 1."""
        magnitude = np.abs(np.fft.rfft(self.waveforms))
        peak = np.maximum(magnitude.max(axis=1, keepdims=True), 1e-12)
        return np.asarray(magnitude / peak, np.float32)

    @cached_property
    def bands(self) -> Float:
        """The largest magnitude in each of 256 bands, [units, 256]."""
        edges = np.linspace(0, len(self.hertz), min(BANDS, len(self.hertz)) + 1).astype(int)
        return np.asarray(np.maximum.reduceat(self.magnitudes, edges[:-1], axis=1), np.float32)

    @cached_property
    def peak_hz(self) -> NDArray[np.float64]:
        """The frequency of each unit's peak; 0 for dead units."""
        peaks: NDArray[np.float64] = self.hertz[self.magnitudes.argmax(axis=1)]
        return peaks

    @property
    def order(self) -> NDArray[np.intp]:
        """The units, sorted by their peak; dead units last."""
        return np.lexsort((self.peak_hz, self.dead))

    @cached_property
    def voice_share(self) -> NDArray[np.float64]:
        """The share of each unit's energy inside 200-3400 Hz, 0..1; 0 for dead units."""
        return energy_share(self.waveforms, self.sample_rate)

    @cached_property
    def flatness(self) -> NDArray[np.float64]:
        """The spectral flatness of each unit: 0.56 for white noise, near 0 for a tone."""
        power = np.square(self.magnitudes, dtype=np.float64) + 1e-12
        flat = np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)
        return np.asarray(np.where(self.dead, 0.0, flat), np.float64)

    @property
    def likeness(self) -> float:
        """The mean correlation of two living units' spectra in dB, at most 1.

        Each spectrum is smoothed first, over 8 bands.
        """
        decibels = 20 * np.log10(np.maximum(self.bands[~self.dead], 1e-4))
        count = len(decibels)
        smooth = np.lib.stride_tricks.sliding_window_view(decibels, 8, axis=1).mean(axis=2)
        if count < 2:
            return 1.0
        correlation = np.corrcoef(smooth)
        return float((correlation.sum() - count) / (count * (count - 1)))

    @property
    def tone_peak_hz(self) -> NDArray[np.float64]:
        """The tone that excites each unit most; 0 for units that answer all tones alike."""
        peaks = self.tone_hz[self.tones.argmax(axis=1)]
        return np.where(np.ptp(self.tones, axis=1) > 0, peaks, 0.0)


@dataclass(frozen=True)
class Spectra:
    """The spectra of a network.

    Attributes:
        model: the pack's name.
        layers: layer -> its spectra, in network order.
    """

    model: str
    layers: Mapping[str, LayerSpectra]


def spectra(
    pack: PackOrName,
    *,
    layers: Sequence[str] | None = None,
    parameterisation: str | Parameterisation | None = None,
    steps: int | None = None,
    seed: int = SEED,
    method: Method | None = None,
    folder: str | Path | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Spectra:
    """Maximise every unit of some layers, and return the spectra of what excites it.

    Args:
        pack: the network: a pack, its name, or its folder.
        layers: their names; by default all.
        parameterisation: what is changed: `spectrum`, `waveform` or `filter`; by default the
            method's, `waveform`.
        steps: of each unit, at most; by default the method's, 256.
        seed: of the noise, 0 or more.
        method: everything else; by default `METHOD`.
        folder: keeps finished batches, so that a call that was interrupted goes on where it was;
            by default nothing is kept.
        progress: called with the share of the work that is done, 0..1.

    Returns:
        the spectra, layer by layer.

    Raises:
        ModelError: there is no such pack or layer, or the network answers with a number that is
            not finite.
        InnerearError: the folder holds the batches of another search, or cannot be written.

    Examples:
        >>> import innerear
        >>> found = innerear.spectra("samplecnn-digits", layers=["conv1"], steps=2)
        >>> conv1 = found.layers["conv1"]
        >>> conv1.magnitudes.shape == (len(conv1.dead), len(conv1.hertz))
        True
        >>> bool((conv1.peak_hz <= conv1.sample_rate / 2).all())
        True
    """
    network = resolve_pack(pack)
    chosen = with_settings(method or METHOD, parameterisation, steps)
    with tempfile.TemporaryDirectory(prefix="innerear-spectra-") as temporary:
        place = Path(temporary) if folder is None else Path(folder)
        found = find_spectra(network, place, layers, chosen, seed, progress)
        finish(place)
    return Spectra(network.name, MappingProxyType({each.layer: each for each in found}))


def energy_share(
    waveforms: Float, sample_rate: int, band: tuple[float, float] = VOICE_HZ
) -> NDArray[np.float64]:
    """Return the share of each waveform's energy inside a band, [batch]; 0 for silence."""
    power = np.square(np.abs(np.fft.rfft(waveforms)), dtype=np.float64)
    hertz = np.fft.rfftfreq(waveforms.shape[1], 1 / sample_rate)
    inside = (hertz >= band[0]) & (hertz <= band[1])
    share: NDArray[np.float64] = power[:, inside].sum(1) / np.maximum(power.sum(1), 1e-30)
    return share


def find_spectra(
    pack: PackLike,
    folder: Path,
    layers: Sequence[str] | None = None,
    method: Method | None = None,
    seed: int = 0,
    progress: Callable[[float], None] = lambda share: None,
) -> list[LayerSpectra]:
    """Maximise every unit of the layers, batch by batch.

    Finished batches are kept in `folder`: after an interruption the same call goes on where it was,
    with the same results.

    Args:
        pack: the network.
        folder: of the results; batches are kept in a folder in it, `unfinished`.
        layers: their names; by default all.
        method: of the maximisation; by default `METHOD`.
        seed: of the noise.
        progress: called with the share of the work that is done.

    Returns:
        the spectra of each layer, in network order.

    Raises:
        ModelError: there is no such layer, or the network answers with a number that is not
            finite.
        InnerearError: the folder holds the batches of another search, or cannot be written.
    """
    method = method or METHOD
    check_layers(dict.fromkeys(layers or ()), pack.layers)
    chosen = [name for name in pack.layers if layers is None or name in layers]
    checkpoint = Checkpoint(
        folder / UNFINISHED / "waveforms", search_settings(pack, chosen, method, seed)
    )

    def search(layer: str, units: range) -> list[MaximisedSound]:
        objectives = [unit(pack, layer, index) for index in units]
        return maximise_batch(pack, objectives, method, seed)

    kept = _search_batches(pack, checkpoint, chosen, search, progress)
    tone_hz = tone_frequencies(pack.sample_rate)
    tones = tone_responses(pack, tone_hz)
    return [
        LayerSpectra(
            layer=name,
            sample_rate=pack.sample_rate,
            waveforms=each.sound,
            at_start=each.at_start,
            at_end=each.at_end,
            dead=each.dead,
            steps=each.steps,
            tones=tones[name],
            tone_hz=tone_hz,
        )
        for name, each in kept.items()
    ]


def find_kept_templates(
    pack: PackLike,
    folder: Path,
    seed: int = 1,
    progress: Callable[[float], None] = lambda share: None,
) -> dict[str, Float]:
    """Find the templates of every unit as `find_templates` does, batch by batch.

    Finished batches are kept as by `find_spectra`.

    Returns:
        layer -> float32 [units, 513]; arguments and errors as `find_spectra`.
    """
    checkpoint = Checkpoint(
        folder / UNFINISHED / "templates", {**_pack_settings(pack), "seed": seed}
    )

    def search(layer: str, units: range) -> list[MaximisedSound]:
        return seek_templates(pack, [unit(pack, layer, index) for index in units], seed)

    kept = _search_batches(pack, checkpoint, list(pack.layers), search, progress)
    return {name: each.template for name, each in kept.items()}


def search_settings(
    pack: PackLike, layers: Sequence[str], method: Method, seed: int
) -> dict[str, object]:
    """Return everything that the result of a search depends on, as JSON can hold it."""
    return {**_pack_settings(pack), "layers": list(layers), "method": repr(method), "seed": seed}


def _pack_settings(pack: PackLike) -> dict[str, object]:
    return {
        "model": pack.name,
        "graph": pack.fingerprint,
        "device": pack.device,
        "batch": batch_size(pack),
    }


def _search_batches(
    pack: PackLike,
    checkpoint: Checkpoint,
    layers: Sequence[str],
    search: Callable[[str, range], list[MaximisedSound]],
    progress: Callable[[float], None],
) -> dict[str, BatchResults]:
    """Search all batches that are not finished yet; return each layer's results."""
    size = batch_size(pack)
    parts = [
        (name, range(first, min(first + size, pack.layers[name].units)))
        for name in layers
        for first in range(0, pack.layers[name].units, size)
    ]
    total = sum(len(units) for _, units in parts)
    done: dict[tuple[str, range], BatchResults] = {}

    def work(part: tuple[str, range]) -> BatchResults:
        name, units = part
        file = f"{name}-{units.start:05d}"
        kept = checkpoint.load(file, len(units), pack.window)
        if kept is None:
            kept = BatchResults.of(search(name, units))
            checkpoint.save(file, kept)
        return kept

    for part, kept in in_parallel(pack, work, parts):
        done[part] = kept
        progress(sum(len(units) for _, units in done) / total)
    return {name: BatchResults.joined(list(_of_layer(done, parts, name))) for name in layers}


def _of_layer(
    done: dict[tuple[str, range], BatchResults], parts: Sequence[tuple[str, range]], layer: str
) -> Iterator[BatchResults]:
    for part in parts:
        if part[0] == layer:
            yield done[part]


def finish(folder: Path) -> None:
    """Delete the batches that were kept in the folder of the results."""
    shutil.rmtree(folder / UNFINISHED, ignore_errors=True)
