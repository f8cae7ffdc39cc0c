"""Auralise a feature map: its deconvolution is a mask on the sound's own spectrum.

After Choi, Fazekas, Sandler and Kim, "Auralisation of deep convolutional neural networks: listening
to learned features", 2015, with the deconvolution network of Zeiler and Fergus, 2014.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Complex, Float
from ..cores import cores
from ..defaults import AURALISE_RULE, AURALISE_UNIT, PAPERS_PACK
from ..dsp.resample import resample
from ..dsp.stft import hann
from ..errors import ModelError
from ..packs.auralise_runner import Auraliser
from ..packs.network import PackLike
from ..packs.onnx_runners import rule_number
from ..packs.resolve import PackOrName, resolve_pack
from ..targets.grammar import parse_list
from .batches import in_order
from .onsets import activations_over_time
from .sounds import as_channels

_BATCH = 16
"""Units that share one forward pass of a window."""
_MOST_NUMBERS = 64_000_000
"""Size of all masks that are held in memory at the same time."""
_FRAME_SECONDS = 0.032
"""Length of a frame for networks without a transform of their own: 512 samples at 16 kHz."""


@dataclass(frozen=True)
class Auralised:
    """What one unit passes of a sound.

    Attributes:
        layer: of the unit.
        unit: number of the feature map.
        mask: float32 (bins, frames), what the feature map brings back, scaled to a peak of 1;
            zeros where the unit is silent throughout. Between -1 and 1 for a network that looks at
            a spectrum, whose sign it can turn; between 0 and 1 for others.
        sound: float32, shaped as the sound that was given: its spectrum times the mask, with the
            phase it had.
        sample_rate: of the sound, in hertz.
    """

    layer: str
    unit: int
    mask: Float
    sound: Float
    sample_rate: int

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return the sound, so that NumPy's functions take this object as an array."""
        return np.array(self.sound, dtype=dtype, copy=copy)


@dataclass(frozen=True)
class MaskedTransform:
    """A sound on the short-time Fourier transform on which it is masked.

    Attributes:
        sample_rate: the network's, in hertz.
        length: samples of a frame; Hann window.
        hop: samples between two frames. Frame k is centred on sample k * hop.
        values: complex64 (channels, bins, frames).
        samples: of the sound at that rate.
    """

    sample_rate: int
    length: int
    hop: int
    values: Complex
    samples: int


def auralise(
    sound: ArrayLike,
    sample_rate: int,
    pack: PackOrName = PAPERS_PACK,
    layer: str | None = None,
    unit: int | str = AURALISE_UNIT,
    rule: str = AURALISE_RULE,
    graph: Auraliser | None = None,
) -> Auralised:
    """Return what one unit of a network passes of a sound.

    The unit's feature map is kept and passed backwards through the network, with the switches of
    its poolings. The result multiplies the complex short-time spectrum of the sound, which is
    inverted with the phases it had. The result is silent above half the network's rate.

    Args:
        sound: (samples,) or (channels, samples), finite, full scale at 1. The network hears the
            mean of the channels.
        sample_rate: of the sound, in hertz.
        pack: the network: a pack, its name, or its folder.
        layer: one of its layers; by default the one before `output`.
        unit: number of a feature map, for `output` also a class, or "auto" for the unit that is
            most active in the sound.
        rule: how ReLUs pass backwards: "deconv" as in the paper, "gradient" or "guided".
        graph: the deconvolution network; by default the pack's own.

    Returns:
        the masked sound, shaped as `sound`, and the mask. At no place of the spectrum is it louder
        than the sound; it is silent where the sound or the unit is silent.

    Raises:
        ModelError: there is no such pack, layer or unit, or the pack has no deconvolution network.
        ParameterError: the sound is empty, has another shape or holds NaN; or the rule is unknown.

    Examples:
        >>> import innerear
        >>> from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
        >>> phrase = short_phrase()[:, :SAMPLE_RATE]
        >>> passed = innerear.auralise(phrase, SAMPLE_RATE, layer="conv1", unit=3)
        >>> passed.sound.shape == phrase.shape
        True
        >>> float(abs(passed.mask).max())
        1.0
        >>> by_default = innerear.auralise(phrase, SAMPLE_RATE)
        >>> by_default.layer, by_default.unit
        ('conv5', 1)
    """
    array = as_channels("sound", sound)
    network = resolve_pack(pack)
    chosen = [*network.layers][-2:][0] if layer is None else layer
    if unit == AURALISE_UNIT:
        number = most_active_unit(activations_over_time(array, sample_rate, network, chosen))
    else:
        number = find_unit(network, chosen, unit)
    (result,) = auralise_units(array, sample_rate, network, chosen, [number], rule, graph=graph)
    return replace(result, sound=result.sound.reshape(np.shape(sound)))


def most_active_unit(activations: Float) -> int:
    """Return the unit with the highest mean of `activations_over_time`."""
    return int(activations.mean(axis=1).argmax())


def auralise_units(
    sound: Float,
    sample_rate: int,
    pack: PackLike,
    layer: str,
    units: Sequence[int],
    rule: str = AURALISE_RULE,
    *,
    graph: Auraliser | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Iterator[Auralised]:
    """Auralise several units of a layer, many at a time; see `auralise`.

    Args:
        sound: float32 (channels, samples).
        sample_rate: of the sound, in hertz.
        pack: the network.
        layer: one of its layers.
        units: numbers of its feature maps.
        rule: how ReLUs pass backwards.
        graph: the deconvolution network; by default the pack's own.
        progress: called with the share that is done, 0..1.

    Yields:
        one `Auralised` for each unit, in order.

    Raises:
        ModelError, ParameterError: as `auralise`.
    """
    sound = as_channels("sound", sound)
    rule_number(rule)
    for unit in units:
        find_unit(pack, layer, unit)
    graph = graph or pack.auraliser()
    spectrum = spectrum_of(sound, sample_rate, pack, graph)
    mono = resample(sound.mean(axis=0, keepdims=True), sample_rate, pack.sample_rate)[0]
    size = spectrum.values[0].size + len(mono)
    together = max(1, min(len(units), _MOST_NUMBERS // size))
    for first in range(0, len(units), together):
        some = units[first : first + together]

        def report(share: float, done: int = first, count: int = len(some)) -> None:
            progress((done + share * count) / len(units))

        masks = _masks(mono, spectrum, pack, graph, layer, some, rule, report)
        for unit, mask in zip(some, masks, strict=True):
            masked = _inverse(spectrum, spectrum.values * mask)
            heard = resample(masked, pack.sample_rate, sample_rate)
            yield Auralised(layer, unit, mask, _fitted(heard, sound.shape[1]), sample_rate)


def find_unit(pack: PackLike, layer: str, unit: int | str) -> int:
    """Return the number of a unit that is named by its number or, in `output`, by its class.

    Raises:
        ModelError: there is no such layer or unit; the message lists what there is.
    """
    terms = parse_list(str(unit), pack.layers, pack.classes, layer)
    units = [number for term in terms for number in term.units]
    if len(units) != 1 or terms[0].layers != {layer: 1.0} or terms[0].weight != 1.0:
        raise ModelError(f"{str(unit)!r}: write one unit of {layer!r}.")
    return units[0]


def spectrum_of(
    sound: Float, sample_rate: int, pack: PackLike, graph: Auraliser
) -> MaskedTransform:
    """Return a sound at the network's rate, on the transform that is masked.

    That is the network's own transform, if it has one; otherwise one of 32 ms with a hop of half.
    """
    length = 2 ** round(np.log2(_FRAME_SECONDS * pack.sample_rate))
    length, hop = graph.spectrum or (length, length // 2)
    at_rate = resample(sound, sample_rate, pack.sample_rate)
    values = _spectra(at_rate, length, hop)
    return MaskedTransform(pack.sample_rate, length, hop, values, at_rate.shape[1])


def _masks(
    mono: Float,
    spectrum: MaskedTransform,
    pack: PackLike,
    graph: Auraliser,
    layer: str,
    units: Sequence[int],
    rule: str,
    progress: Callable[[float], None],
) -> Float:
    """Return (units, bins, frames), each unit's with a peak of 1."""
    found = _backprojections(mono, spectrum, pack, graph, layer, units, rule, progress)
    if graph.spectrum is None:
        found = np.abs(_spectra(found, spectrum.length, spectrum.hop))
    peaks = np.abs(found).max(axis=(1, 2), keepdims=True)
    masks: Float = np.divide(found, peaks, out=np.zeros_like(found), where=peaks > 0)
    return masks


def _backprojections(
    mono: Float,
    spectrum: MaskedTransform,
    pack: PackLike,
    graph: Auraliser,
    layer: str,
    units: Sequence[int],
    rule: str,
    progress: Callable[[float], None],
) -> Float:
    """Return what the units bring back along the whole sound.

    Windows overlap by half and are crossfaded, so that the edges of a window, where the network
    sees less, weigh little.

    Returns:
        (units, bins, frames), or (units, samples) where the network looks at a waveform.
    """
    if graph.spectrum is None:
        before, size, step, scale = 0, len(mono), max(1, pack.window // 2), 1
        length = pack.window
    else:
        # The network's frames start with a window, the transform's are centred.
        scale = spectrum.hop
        before, size = spectrum.length // 2, spectrum.values.shape[2]
        length = (pack.window - spectrum.length) // scale + 1
        step = max(1, length // 2)
    count = 1 + max(0, -(-(size - length) // step))
    padded = np.zeros((count - 1) * step * scale + pack.window, np.float32)
    part = mono[: len(padded) - before]
    padded[before : before + len(part)] = part
    fade = hann(length + 1)[1:]
    weight = np.zeros((count - 1) * step + length, np.float32)
    for window in range(count):
        weight[window * step : window * step + length] += fade
    total: Float | None = None
    batches = [(window, first) for window in range(count) for first in range(0, len(units), _BATCH)]

    def run(batch: tuple[int, int]) -> Float:
        window, first = batch
        start = window * step * scale
        some = units[first : first + _BATCH]
        kept = np.zeros((len(some), pack.layers[layer].units), np.float32)
        kept[range(len(some)), some] = 1.0
        return graph.run(padded[start : start + pack.window], {layer: kept}, rule)

    workers = cores()
    with ThreadPoolExecutor(workers) as pool:  # ONNX Runtime releases Python's lock
        found = zip(batches, in_order(pool, workers, run, batches), strict=True)
        for done, ((window, unit), pieces) in enumerate(found, 1):
            if total is None:
                total = np.zeros((len(units), *pieces.shape[1:-1], len(weight)), np.float32)
            place = slice(window * step, window * step + length)
            total[unit : unit + len(pieces), ..., place] += pieces * fade
            progress(done / len(batches))
    assert total is not None  # there is at least one window and one unit
    return np.asarray((total / weight)[..., :size], np.float32)


def _spectra(sound: Float, length: int, hop: int) -> Complex:
    """Return complex64 (channels, bins, frames); frame k is centred on sample k * hop."""
    import scipy.fft

    before = length // 2
    frames = -(-(sound.shape[1] + before) // hop)
    after = (frames - 1) * hop + length - before - sound.shape[1]
    padded = np.pad(sound, ((0, 0), (before, after)))
    cut = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)[:, ::hop]
    spectra = scipy.fft.rfft(cut * hann(length), workers=cores())
    return np.asarray(spectra.swapaxes(1, 2), np.complex64)


def _inverse(spectrum: MaskedTransform, values: Complex) -> Float:
    """Return the sound, (channels, samples), whose spectra come closest to `values`.

    Frames are windowed again and divided by what the squared windows add up to (Griffin and Lim).
    """
    import scipy.fft

    length, hop = spectrum.length, spectrum.hop
    window = hann(length)
    pieces = scipy.fft.irfft(values.swapaxes(1, 2), length, workers=cores()) * window
    channels, frames, _ = pieces.shape
    each = length // hop
    total = np.zeros((channels, frames + each - 1, hop), np.float32)
    weight = np.zeros((frames + each - 1, hop), np.float32)
    for number in range(each):
        part = slice(number * hop, (number + 1) * hop)
        total[:, number : number + frames] += pieces[:, :, part]
        weight[number : number + frames] += np.square(window[part])
    whole = np.asarray(total / np.maximum(weight, 1e-9), np.float32)
    return whole.reshape(channels, -1)[:, length // 2 : length // 2 + spectrum.samples]


def _fitted(sound: Float, samples: int) -> Float:
    """Return as many samples as the original had: resampling there and back rounds them."""
    missing = samples - sound.shape[1]
    return np.pad(sound, ((0, 0), (0, missing))) if missing > 0 else sound[:, :samples]
