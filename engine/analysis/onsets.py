"""Units of a network as onset detectors: the peaks of an activation against known onsets."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Float
from ..dsp.resample import resample
from ..dsp.stft import hann
from ..errors import InnerearError
from ..files import read_whole
from ..packs.manifest import LayerInfo
from ..packs.network import PackLike
from ..packs.onnx_runners import check_layers
from .sounds import as_channels

Seconds = NDArray[np.float64]

TOLERANCE_SECONDS = 0.05
STEP_SECONDS = 0.01
"""Between two values of an activation over time."""

_BATCH = 8
_PEAK_STEPS = 3
_MEAN_STEPS = (10, 7)
_ABOVE_MEAN = 0.1
"""A peak is the largest value within 30 ms, and exceeds the mean of the 100 ms before and the 70 ms
after it by a tenth of the whole range. These numbers are fixed, so that no unit is tuned."""
_MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class OnsetScore:
    """The score of one activation as an onset detector.

    Attributes:
        unit: of the layer.
        precision: share of its peaks that lie at an onset, 0..1.
        recall: share of the onsets that have a peak, 0..1.
        f: harmonic mean of both.
        peaks: float64, times of the peaks, in seconds.
    """

    unit: int
    precision: float
    recall: float
    f: float
    peaks: Seconds


def read_onsets(path: Path) -> Seconds:
    """Read onset times in seconds, one on each line; the rest of a line, and comments, are ignored.

    Returns:
        float64, in order, without duplicates.

    Raises:
        InnerearError: the file cannot be read, holds a line without a time, or no time at all.
    """
    try:
        lines = read_whole(path, _MOST_BYTES).decode().splitlines()
    except FileNotFoundError:
        raise InnerearError(f"{path}: there is no such file; check the name") from None
    except OSError as problem:
        raise InnerearError(f"{path}: cannot be read ({problem.strerror})") from None
    except UnicodeDecodeError:
        raise InnerearError(f"{path}: not a text file; write one onset a line") from None
    except ValueError as problem:
        raise InnerearError(f"{path} is no list of onsets: {problem}") from None
    times = []
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].replace(",", " ").split()
        if not words:
            continue
        try:
            time = float(words[0])
        except ValueError:
            time = float("nan")
        if not 0 <= time < 1e9:
            raise InnerearError(f"{path}: line {number}, {words[0]!r}, is not a time in seconds")
        times.append(time)
    if not times:
        raise InnerearError(f"{path} holds no onset; write one a line, in seconds")
    return np.unique(times)


def activations_over_time(
    sound: Float,
    sample_rate: int,
    pack: PackLike,
    layer: str,
    progress: Callable[[float], None] = lambda share: None,
) -> Float:
    """Return the activation of every unit of a layer, every 10 ms.

    A layer whose frames are further apart is evaluated several times, with shifted windows, so that
    its frames interleave; a layer whose frames are closer is averaged. The time of a frame is the
    middle of its receptive field. Windows overlap by half and are crossfaded.

    Args:
        sound: float32 (channels, samples); the network hears the mean of the channels.
        sample_rate: of the sound, in hertz.
        pack: the network.
        layer: one of its layers.
        progress: called with the share that is done, 0..1.

    Returns:
        float32 (units, times).

    Raises:
        ModelError: the model has no such layer.
        ParameterError: the sound is empty, has another shape, or holds NaN.
    """
    check_layers({layer: None}, pack.layers)
    sound = as_channels("sound", sound)
    mono = resample(sound.mean(axis=0), sample_rate, pack.sample_rate)
    info = pack.layers[layer]
    times = 1 + int(len(mono) / pack.sample_rate / STEP_SECONDS)
    total, weight = np.zeros((info.units, times)), np.zeros(times)
    step = STEP_SECONDS * pack.sample_rate
    shifts = math.ceil(min(info.hop, pack.window // 2) / step)
    starts = _starts(len(mono), pack, info, shifts)
    padded = np.pad(mono, (pack.window, 2 * pack.window))
    for first in range(0, len(starts), _BATCH):
        some = starts[first : first + _BATCH]
        windows = np.stack([padded[pack.window + at :][: pack.window] for at in some])
        for at, heard in zip(some, pack.hear(windows)[layer], strict=True):
            frames = heard.shape[1]
            middles = (pack.window - (frames - 1) * info.hop) / 2 + info.hop * np.arange(frames)
            fade = hann(frames + 1)[1:] if frames > 1 else np.ones(1, np.float32)
            places = np.rint((at + middles) / step).astype(int)
            inside = (places >= 0) & (places < times)
            np.add.at(total.T, places[inside], (heard * fade).T[inside])
            np.add.at(weight, places[inside], fade[inside])
        progress((first + len(some)) / len(starts))
    known = weight > 0  # rounding may leave single times without a frame
    grid = np.arange(times)
    rows = [np.interp(grid, grid[known], row[known] / weight[known]) for row in total]
    return np.asarray(rows, np.float32)


def _starts(samples: int, pack: PackLike, info: LayerInfo, shifts: int) -> list[int]:
    """Return the starts of windows, from before the sound, so that its first moment has frames."""
    half = pack.window // 2
    hop = info.hop if info.hop <= half else half
    between = max(1, half // hop) * hop
    begin = -half
    apart = hop / shifts
    return [
        begin + round(shift * apart) + number * between
        for number in range(1 + max(0, -(-(samples + half) // between)))
        for shift in range(shifts)
    ]


def find_peaks(activation: ArrayLike) -> Seconds:
    """Return the times of an activation's peaks, in seconds.

    Peak-picking after Böck, Krebs and Schedl, "Evaluating the online capabilities of onset
    detection methods", 2012, on the activation scaled to 0..1. A constant activation has no peak.

    Args:
        activation: (times,), a value every 10 ms.
    """
    values = np.asarray(activation, np.float64)
    low, high = values.min(), values.max()
    if not high - low > 1e-9 * max(1.0, abs(high)):
        return np.zeros(0)
    values = (values - low) / (high - low)
    before, after = _MEAN_STEPS
    found: list[int] = []
    for at, value in enumerate(values):
        near = values[max(0, at - _PEAK_STEPS) : at + _PEAK_STEPS + 1]
        mean = values[max(0, at - before) : at + after + 1].mean()
        largest = value >= near.max() and value >= mean + _ABOVE_MEAN
        if largest and (not found or at - found[-1] > _PEAK_STEPS):
            found.append(at)
    return np.asarray(found, np.float64) * STEP_SECONDS


def score_onsets(
    peaks: Sequence[float] | Seconds,
    onsets: Sequence[float] | Seconds,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> tuple[float, float, float]:
    """Return precision, recall and F of peaks against onsets, both in order, in seconds.

    Peaks and onsets within the tolerance are paired one to one, as many as possible.
    """
    matched = at = 0
    for onset in onsets:
        while at < len(peaks) and peaks[at] < onset - tolerance_seconds - 1e-9:
            at += 1
        if at < len(peaks) and peaks[at] <= onset + tolerance_seconds + 1e-9:
            matched += 1
            at += 1
    precision = matched / len(peaks) if len(peaks) else 0.0
    recall = matched / len(onsets) if len(onsets) else 0.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def rank_onsets(activations: Float, onsets: Seconds) -> list[OnsetScore]:
    """Score every row of `activations_over_time` as an onset detector; return the best first."""
    scores = []
    for unit, activation in enumerate(activations):
        peaks = find_peaks(activation)
        scores.append(OnsetScore(unit, *score_onsets(peaks, onsets), peaks))
    return sorted(scores, key=lambda score: (-score.f, score.unit))


def level_over_time(sound: Float, sample_rate: int) -> Float:
    """Return the sound's level every 10 ms: the baseline that a unit has to exceed.

    Args:
        sound: float32 (channels, samples).
        sample_rate: in hertz.

    Returns:
        float32 (1, times): the root mean square of 32 ms around each time.
    """
    power = np.square(sound.mean(axis=0), dtype=np.float64)
    sums = np.concatenate(([0.0], np.cumsum(power)))
    times = np.arange(1 + int(len(power) / sample_rate / STEP_SECONDS))
    middles = times * STEP_SECONDS * sample_rate
    half = 0.016 * sample_rate
    first = np.clip(np.rint(middles - half), 0, len(power)).astype(int)
    last = np.clip(np.rint(middles + half), 0, len(power)).astype(int)
    mean = (sums[last] - sums[first]) / np.maximum(last - first, 1)
    return np.asarray(np.sqrt(np.maximum(mean, 0.0))[np.newaxis], np.float32)
