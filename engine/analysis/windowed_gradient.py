"""The gradient of what is wanted with respect to a whole sound: batches of windows on all cores."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..arrays import Float
from ..dsp.windows import Stitcher, cut_windows
from ..packs.gradient_source import Activations
from ..packs.manifest import DREAM_FILE, HEAR_FILE
from ..packs.onnx_runners import (
    ACTIVATION_PREFIX,
    DIRECTION_PREFIX,
    Rule,
    as_direction,
    check_layers,
    rule_number,
)
from ..packs.pack import Pack

LARGEST_BATCH = 16
"""Larger ones are no faster: what a layer makes of them no longer fits a core's cache."""


@dataclass(frozen=True)
class Slope:
    """What one look at a whole sound gives.

    Attributes:
        gradient: float32 (samples,), of the mean objective of the windows that hold each sample.
        activations: layer -> mean over all windows, (units,); for `output` the scores.
        broken: windows whose gradient was no number, and counts as zero.
    """

    gradient: Float
    activations: Activations
    broken: int


class SoundGradient:
    """Hears a sound window by window, and says how to change it.

    The paper sums over windows. Here every sample's gradient is the average over the windows that
    hold it, each faded in and out (see `Stitcher`): the same direction, without the steps that the
    borders of windows would leave, and as strong at the sound's ends as in its middle.

    Windows go through the pack's graphs in batches, one batch a core; what batches they were in
    changes a result by rounding alone.
    """

    def __init__(
        self,
        pack: Pack,
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
            batch: windows at once; by default shared out evenly among the cores, at most 16.
            workers: batches at the same time; by default as many as there are cores.
        """
        self._pack, self._hop = pack, hop
        self._rule = np.array(rule_number(rule), np.int64)
        self._stitcher = Stitcher(samples, pack.window, hop)
        on_cpu = pack.device == "cpu"
        self._workers = workers or ((os.cpu_count() or 1) if on_cpu else 1)
        self._batch = batch or min(LARGEST_BATCH, -(-self.windows // self._workers))
        self._pool = ThreadPoolExecutor(self._workers)
        self._layers = list(pack.layers)

    # Cores work on batches of their own: that scales better than threads inside an operator.
    @cached_property
    def _dream(self) -> Any:
        return self._pack.open(DREAM_FILE, 1)

    @cached_property
    def _hear(self) -> Any:
        return self._pack.open(HEAR_FILE, 1)

    @property
    def windows(self) -> int:
        """How many windows the sounds have."""
        return self._stitcher.count

    def hear(self, sound: Float) -> Activations:
        """Return layer -> activation averaged over all windows, (units,)."""

        hear = self._hear

        def means(waveform: Float) -> list[Float]:
            maps = hear.run(self._layers, {"waveform": waveform})
            return [map_.mean(axis=2) for map_ in maps]

        return self._averaged(self._mapped(means, sound))

    def slope(self, sound: Float, directions: Mapping[str, Float]) -> Slope:
        """Return the gradient of sum over layers of <direction, mean activation>.

        Args:
            sound: (samples,), full scale at 1.
            directions: layer -> (units,).

        Raises:
            ModelError: for a layer or a shape that the model does not have.
        """
        check_layers(directions, self._pack.layers)
        dream = self._dream
        wanted = ["gradient", *(ACTIVATION_PREFIX + name for name in self._layers)]

        def run(waveform: Float) -> list[Float]:
            feeds: dict[str, Any] = {"waveform": waveform, "rule": self._rule}
            for name, layer in self._pack.layers.items():
                direction = directions.get(name, np.zeros(layer.units, np.float32))
                feeds[DIRECTION_PREFIX + name] = as_direction(direction, layer, len(waveform))
            found: list[Float] = dream.run(wanted, feeds)
            return found

        activations: list[list[Float]] = []
        broken = 0

        def gradients() -> Iterator[Float]:
            nonlocal broken
            for gradient, *means in self._mapped(run, sound):
                finite = np.isfinite(gradient).all(axis=1)
                gradient[~finite] = 0.0
                broken += int((~finite).sum())
                activations.append(means)
                yield from gradient

        stitched = self._stitcher.stitch(gradients())
        return Slope(stitched, self._averaged(activations), broken)

    def _mapped(
        self, function: Callable[[Float], list[Float]], sound: Float
    ) -> Iterator[list[Float]]:
        """Yield what a function makes of each batch of windows, in order, a few at a time."""
        windows = cut_windows(sound, self._pack.window, self._hop)
        under_way: deque[Future[list[Float]]] = deque()
        for at in range(0, self.windows, self._batch):
            batch = np.ascontiguousarray(windows[at : at + self._batch])
            under_way.append(self._pool.submit(function, batch))
            if len(under_way) > 2 * self._workers:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def _averaged(self, results: Iterable[list[Float]]) -> Activations:
        columns = zip(*results, strict=True)
        return {
            name: np.concatenate(rows).mean(axis=0)
            for name, rows in zip(self._layers, columns, strict=True)
        }
