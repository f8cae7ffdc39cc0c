"""Classify a sound over time: a network's class scores and activations, window by window."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Float
from ..defaults import PACK
from ..dsp.resample import resample_blocks
from ..packs.manifest import OUTPUT_LAYER
from ..packs.network import PackLike
from ..packs.onnx_runners import check_layers
from ..packs.resolve import PackOrName, resolve_pack
from .batches import in_order, worker_count
from .sounds import as_channels

_BATCH = 8


@dataclass(frozen=True)
class Heard:
    """What a network heard in one sound.

    Attributes:
        model: the pack's name.
        sample_rate: the network's, in hertz.
        window_seconds: length of a window.
        hop_seconds: between the starts of two windows.
        duration_seconds: of the sound.
        times: float64 (windows,), the start of each window, in seconds.
        classes: names of the classes.
        scores: float32 (windows, classes), 0..1.
        layer: the layer of the activations, or None.
        activations: float32 (windows, units) of that layer, averaged over the window; (windows, 0)
            without a layer.
    """

    model: str
    sample_rate: int
    window_seconds: float
    hop_seconds: float
    duration_seconds: float
    times: NDArray[np.float64]
    classes: tuple[str, ...]
    scores: Float
    layer: str | None
    activations: Float

    def strongest(self, count: int) -> list[int]:
        """Return the indices of the classes with the highest score over the whole sound."""
        return [int(index) for index in np.argsort(-self.scores.mean(axis=0))[:count]]


def hear(
    sound: ArrayLike,
    sample_rate: int,
    pack: PackOrName = PACK,
    *,
    layer: str | None = None,
    hop: int | None = None,
) -> Heard:
    """Return what a network hears in a sound over time.

    The channels are mixed to one and resampled to the network's rate. Windows start every
    `hop` samples until all of the sound is in one. The last window, and a sound shorter than
    a window, are filled up with silence.

    Args:
        sound: (samples,) or (channels, samples), full scale at 1.
        sample_rate: of the sound, in hertz.
        pack: the network: a pack, its name, or its folder.
        layer: a layer whose activations are wanted too.
        hop: samples at the network's rate between the starts of two windows, from 1; by default
            `pack.hop`.

    Returns:
        scores and activations, one row for each window.

    Raises:
        ModelError: there is no such pack or layer.
        ParameterError: the sound is empty, has another shape, or holds NaN.

    Examples:
        >>> import innerear
        >>> from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
        >>> phrase = short_phrase()[:, : 2 * SAMPLE_RATE]
        >>> heard = innerear.hear(phrase, SAMPLE_RATE, layer="conv5")
        >>> heard.scores.shape == (len(heard.times), len(heard.classes))
        True
        >>> heard.activations.shape == (len(heard.times), 96)
        True
        >>> [heard.classes[index] for index in heard.strongest(2)]
        ['Harpsichord', 'Bass']
    """
    return hear_stream(
        [as_channels("sound", sound)], sample_rate, resolve_pack(pack), layer=layer, hop=hop
    )


def hear_stream(
    blocks: Iterable[Float],
    sample_rate: int,
    pack: PackLike,
    *,
    layer: str | None = None,
    hop: int | None = None,
) -> Heard:
    """Return what a network hears in a sound that comes in blocks; see `hear`.

    Memory grows with the scores alone, not with the sound: a few windows for each core wait.

    Args:
        blocks: the sound, float32 (channels, samples) each, in order.
        sample_rate: of the sound, in hertz.
        pack: the network.
        layer: a layer whose activations are wanted too.
        hop: see `hear`.

    Returns:
        scores and activations, one row for each window.

    Raises:
        ModelError: the network has no such layer.
    """
    if layer is not None:
        check_layers({layer: None}, pack.layers)
    hop = hop or pack.hop
    count = _Count()
    scores: list[Float] = []
    activations: list[Float] = []
    mono = (block.mean(axis=0) for block in count.through(blocks))
    sound = resample_blocks(mono, sample_rate, pack.sample_rate)
    batches = _batches(_windows(sound, pack.window, hop))
    network, workers = pack.single_threaded(), worker_count(pack)

    def means(batch: Float) -> list[Float]:
        heard = network.hear(batch)
        return [heard[name].mean(axis=2) for name in wanted]

    wanted = [OUTPUT_LAYER] if layer is None else [OUTPUT_LAYER, layer]
    with ThreadPoolExecutor(workers) as pool:
        for score, *others in in_order(pool, workers, means, batches):
            scores.append(score)
            activations += others
    windows = sum(len(rows) for rows in scores)
    return Heard(
        model=pack.name,
        sample_rate=pack.sample_rate,
        window_seconds=pack.window / pack.sample_rate,
        hop_seconds=hop / pack.sample_rate,
        duration_seconds=count.samples / sample_rate,
        times=np.arange(windows) * hop / pack.sample_rate,
        classes=pack.classes,
        scores=_stacked(scores, len(pack.classes)),
        layer=layer,
        activations=_stacked(activations, 0),
    )


class _Count:
    """Counts the samples of a stream."""

    def __init__(self) -> None:
        self.samples = 0

    def through(self, blocks: Iterable[Float]) -> Iterator[Float]:
        for block in blocks:
            self.samples += block.shape[1]
            yield block


def _windows(sound: Iterable[Float], window: int, hop: int) -> Iterator[Float]:
    """Yield windows of a stream; the last is padded with zeros."""
    pending = np.zeros(0, np.float32)
    overlap = -1  # samples at the start of `pending` that were in an earlier window
    for piece in sound:
        pending = np.concatenate((pending, piece))
        while len(pending) >= max(window, hop):
            yield pending[:window]
            pending = pending[hop:]
            overlap = max(0, window - hop)
    if len(pending) > overlap:
        last = pending[:window]
        yield np.pad(last, (0, window - len(last)))


def _batches(windows: Iterable[Float]) -> Iterator[Float]:
    batch: list[Float] = []
    for window in windows:
        batch.append(window)
        if len(batch) == _BATCH:
            yield np.stack(batch)
            batch.clear()
    if batch:
        yield np.stack(batch)


def _stacked(rows: list[Float], columns: int) -> Float:
    return np.concatenate(rows) if rows else np.zeros((0, columns), np.float32)
