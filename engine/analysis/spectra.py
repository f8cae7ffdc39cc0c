"""The spectra of what excites each unit most, for every layer of a network.

After the picture of SampleCNN (Lee, Park, Kim and Nam, 2017): for every unit the magnitude spectrum
of its maximising waveform, one FFT as long as the signal, units sorted by the frequency of their
peak.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..packs.network import PackLike
from ..packs.onnx_runners import check_layers
from ..targets.objectives import unit
from .a_weighting import Ear
from .checkpoint import Kept, Store
from .initial_noise import STARTS, Start
from .maximise import Maximised, Method, batch_size, in_parallel, maximise_batch
from .parameterisations import Waveform
from .templates import seek_templates
from .tone_responses import tone_frequencies, tone_responses

VOICE_HZ = (200.0, 3400.0)
"""Where the energy of speech lies, which the report measures: the band of a telephone."""
UNFINISHED = "unfinished"
"""The folder, within that of the results, that keeps the batches while others are missing."""
METHOD = Method(parameterisation=Waveform(), ear=Ear(0.0), starts=(Start(0.0, False), *STARTS))
"""White noise, every sample free, and no leaning towards what sounds are like: as the source."""
BANDS = 256
"""Rows of the picture and of the tables, evenly spaced in frequency."""


@dataclass(frozen=True)
class LayerSpectra:
    """What was found of one layer.

    Attributes:
        layer: its name.
        sample_rate: in hertz.
        waveforms: float32 [units, window], each unit's maximising waveform; silence where dead.
        at_start: float32 [units], activation on the noise.
        at_end: float32 [units], activation on the waveform.
        dead: bool [units], whether no noise woke it.
        steps: int64 [units], that were taken.
        tones: float32 [units, tones], what each unit answers to pure tones of `tone_hz`.
        tone_hz: of those tones.
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
        """The frequency of each bin."""
        spaced = np.fft.rfftfreq(self.waveforms.shape[1], 1 / self.sample_rate)
        return np.asarray(spaced, np.float64)

    @property
    def magnitudes(self) -> Float:
        """Of one FFT as long as the waveform, [units, bins], peak 1."""
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
        """Where each unit's spectrum is strongest; 0 where it is dead."""
        peaks: NDArray[np.float64] = self.hertz[self.magnitudes.argmax(axis=1)]
        return peaks

    @property
    def order(self) -> NDArray[np.intp]:
        """The units, sorted by their peak; dead ones last."""
        return np.lexsort((self.peak_hz, self.dead))

    @cached_property
    def voice_share(self) -> NDArray[np.float64]:
        """The part of each unit's energy inside 200-3400 Hz, 0..1; 0 where it is dead."""
        return energy_share(self.waveforms, self.sample_rate)

    @cached_property
    def flatness(self) -> NDArray[np.float64]:
        """The spectral flatness of each unit: 0.56 for white noise, near 0 for a tone."""
        power = np.square(self.magnitudes, dtype=np.float64) + 1e-12
        flat = np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)
        return np.asarray(np.where(self.dead, 0.0, flat), np.float64)

    @property
    def likeness(self) -> float:
        """How alike the living units' spectra are: the mean correlation of two, in dB; 1 is most.

        Each is smoothed first, over 8 bands.
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
        """The tone that each unit answers most; 0 where it answers all alike."""
        peaks = self.tone_hz[self.tones.argmax(axis=1)]
        return np.where(np.ptp(self.tones, axis=1) > 0, peaks, 0.0)


def energy_share(
    waveforms: Float, sample_rate: int, band: tuple[float, float] = VOICE_HZ
) -> NDArray[np.float64]:
    """Return the part of each waveform's energy inside a band, [batch]; 0 for silence."""
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

    Batches that are done are kept in `folder`: stopped, the same call goes on where it was, and
    finds the same.

    Args:
        pack: the network.
        folder: of the results; batches are kept in a folder in it, `unfinished`.
        layers: by default all.
        method: of the maximisation; by default `METHOD`.
        seed: of the noise.
        progress: called with the share of the work that is done.

    Returns:
        what was found, a layer each, in network order.

    Raises:
        ModelError: an unknown layer, or a network that answers with a number that is not finite.
        InnerearError: the folder holds the batches of another search, or the disk refuses.
    """
    method = method or METHOD
    check_layers(dict.fromkeys(layers or ()), pack.layers)
    chosen = [name for name in pack.layers if layers is None or name in layers]
    store = Store(folder / UNFINISHED / "waveforms", search_settings(pack, chosen, method, seed))

    def search(layer: str, units: range) -> list[Maximised]:
        objectives = [unit(pack, layer, index) for index in units]
        return maximise_batch(pack, objectives, method, seed)

    kept = _searched(pack, store, chosen, search, progress)
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
    """Find the templates of every unit as `find_templates` does, kept as `find_spectra` does.

    Returns:
        layer -> float32 [units, 513]; arguments and errors as `find_spectra`.
    """
    store = Store(folder / UNFINISHED / "templates", {**_pack_settings(pack), "seed": seed})

    def search(layer: str, units: range) -> list[Maximised]:
        return seek_templates(pack, [unit(pack, layer, index) for index in units], seed)

    kept = _searched(pack, store, list(pack.layers), search, progress)
    return {name: each.template for name, each in kept.items()}


def search_settings(
    pack: PackLike, layers: Sequence[str], method: Method, seed: int
) -> dict[str, object]:
    """Return all that the result of a search depends on, as JSON can hold it."""
    return {**_pack_settings(pack), "layers": list(layers), "method": repr(method), "seed": seed}


def _pack_settings(pack: PackLike) -> dict[str, object]:
    return {
        "model": pack.name,
        "graph": pack.fingerprint,
        "device": pack.device,
        "batch": batch_size(pack),
    }


def _searched(
    pack: PackLike,
    store: Store,
    layers: Sequence[str],
    search: Callable[[str, range], list[Maximised]],
    progress: Callable[[float], None],
) -> dict[str, Kept]:
    """Search all batches that are not kept yet; return each layer's results."""
    size = batch_size(pack)
    parts = [
        (name, range(first, min(first + size, pack.layers[name].units)))
        for name in layers
        for first in range(0, pack.layers[name].units, size)
    ]
    total = sum(len(units) for _, units in parts)
    done: dict[tuple[str, range], Kept] = {}

    def work(part: tuple[str, range]) -> Kept:
        name, units = part
        file = f"{name}-{units.start:05d}"
        kept = store.load(file, len(units), pack.window)
        if kept is None:
            kept = Kept.of(search(name, units))
            store.save(file, kept)
        return kept

    for part, kept in in_parallel(pack, work, parts):
        done[part] = kept
        progress(sum(len(units) for _, units in done) / total)
    return {name: Kept.joined(list(_of_layer(done, parts, name))) for name in layers}


def _of_layer(
    done: dict[tuple[str, range], Kept], parts: Sequence[tuple[str, range]], layer: str
) -> Iterator[Kept]:
    for part in parts:
        if part[0] == layer:
            yield done[part]


def finish(folder: Path) -> None:
    """Delete the batches that were kept in the folder of the results: everything is written."""
    shutil.rmtree(folder / UNFINISHED, ignore_errors=True)
