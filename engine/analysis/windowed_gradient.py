"""The gradient of an objective with respect to a whole sound, in batches of windows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..arrays import Float
from ..drives import Rule
from ..dsp.windows import Stitcher, cut_windows, relative_levels
from ..packs.network import Activations, PackLike
from ..packs.onnx_runners import check_layers, rule_number
from .batches import CARD_BATCH, in_order, on_card, worker_count

LARGEST_BATCH = 16
"""On a CPU larger batches are no faster: a layer's activations no longer fit a core's cache."""


@dataclass(frozen=True)
class SoundGradient:
    """The gradient with respect to a whole sound, and the activations.

    Attributes:
        gradient: float32 (samples,), of the mean objective of the windows that hold each sample,
            each weighted by its level.
        activations: layer -> mean over the windows that `hear` hears, (units,); for `output` the
            scores.
        broken: number of windows whose gradient was NaN; it counts as zero.
    """

    gradient: Float
    activations: Activations
    broken: int


class WindowedGradient:
    """Computes activations and gradients of whole sounds, window by window.

    The paper sums over windows. Here the gradient of a sample is the average over the windows that
    hold it, each faded in and out (see `Stitcher`): it has the same direction, without steps at the
    borders of windows. Windows reach beyond both ends, so that a sound is dreamed as though there
    was silence before and after it.

    The quieter a window is, the larger is its gradient: as one over its level for a network that
    hears quiet sounds like loud ones. So a window of near-silence would outweigh all others. Each
    window's gradient is multiplied by its level, relative to the loudest window's.

    Windows go through the pack's graphs in batches, one batch on each core. The size of a batch
    changes a result by rounding alone.
    """

    def __init__(
        self,
        pack: PackLike,
        samples: int,
        hop: int,
        rule: Rule = "gradient",
        batch: int | None = None,
        workers: int | None = None,
    ) -> None:
        """Prepare; the pack's graphs are opened when first used.

        Args:
            pack: the network.
            samples: length of the sounds, at the pack's rate.
            hop: samples between two windows.
            rule: how a ReLU is passed backwards (see `Pack.dream`).
            batch: windows at once; by default distributed evenly among the cores, at most 16, or
                64 on a graphics card.
            workers: batches at the same time; by default as many as there are cores.
        """
        # Each core works on a batch of its own: that scales better than threads inside an operator.
        self._pack, self._hop = pack.single_threaded(), hop
        rule_number(rule)  # refuses an unknown one
        self._rule = rule
        self._stitcher = Stitcher(samples, pack.window, hop)
        self._workers = workers or worker_count(pack)
        largest = CARD_BATCH if on_card(pack) else LARGEST_BATCH
        self._batch = batch or min(largest, -(-self._stitcher.count // self._workers))
        self._pool = ThreadPoolExecutor(self._workers)
        self._layers = list(pack.layers)

    @property
    def windows(self) -> int:
        """How many windows `hear` hears; a gradient takes those beyond the ends besides."""
        inside = self._stitcher.inside
        return inside.stop - inside.start

    def hear(self, sound: Float) -> Activations:
        """Return layer -> activation averaged over all windows, (units,)."""

        def means(waveform: Float) -> list[Float]:
            maps = self._pack.hear(waveform)
            return [maps[name].mean(axis=2) for name in self._layers]

        windows = cut_windows(sound, self._pack.window, self._hop)
        return self._averaged(self._mapped(means, windows))

    def gradient(self, sound: Float, directions: Mapping[str, Float]) -> SoundGradient:
        """Return the gradient of sum over layers of <direction, mean activation>.

        Args:
            sound: (samples,), full scale at 1.
            directions: layer -> (units,).

        Raises:
            ModelError: for a layer or a shape that the model does not have.
        """
        check_layers(directions, self._pack.layers)

        def run(waveform: Float) -> list[Float]:
            _, gradient, means = self._pack.value_grad_and_activations(
                waveform, directions, self._rule
            )
            return [gradient, *(means[name] for name in self._layers)]

        windows = self._stitcher.cut(sound)
        levels = relative_levels(windows)
        activations: list[list[Float]] = []
        broken = 0

        def gradients() -> Iterator[Float]:
            nonlocal broken
            done = 0
            for gradient, *means in self._mapped(run, windows):
                finite = np.isfinite(gradient).all(axis=1)
                gradient[~finite] = 0.0
                broken += int((~finite).sum())
                activations.append(means)
                yield from gradient * levels[done : done + len(gradient), np.newaxis]
                done += len(gradient)

        stitched = self._stitcher.stitch(gradients())
        heard = self._averaged(activations, self._stitcher.inside)
        return SoundGradient(stitched, heard, broken)

    def _mapped(
        self, function: Callable[[Float], list[Float]], windows: Float
    ) -> Iterator[list[Float]]:
        """Yield a function's result for each batch of windows, in order, a few at a time."""
        batches = (
            np.ascontiguousarray(windows[at : at + self._batch])
            for at in range(0, len(windows), self._batch)
        )
        return in_order(self._pool, self._workers, function, batches)

    def _averaged(
        self, results: Iterable[list[Float]], windows: slice = slice(None)
    ) -> Activations:
        columns = zip(*results, strict=True)
        return {
            name: np.concatenate(rows)[windows].mean(axis=0)
            for name, rows in zip(self._layers, columns, strict=True)
        }
