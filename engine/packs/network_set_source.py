"""Gradients of several networks for a stream, within a budget of time."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Float
from ..drives import Rule
from .gradient_source import one_by_one
from .merged_layers import MergedLayers
from .network import Activations, Gradient, GradientSource
from .normalised_sum import direction_lengths, normalised_sum
from .onnx_runners import check_layers
from .update_turns import UpdateTurns


class NetworkSetSource:
    """The members of a `NetworkSet` on one stream, asked by one thread."""

    def __init__(
        self,
        sources: Sequence[GradientSource],
        weights: Sequence[float],
        merged: MergedLayers,
        budget_seconds: float | None = None,
        turns: UpdateTurns | None = None,
        threads: ThreadPoolExecutor | None = None,
    ) -> None:
        """Get ready.

        Args:
            sources: of each member.
            weights: of each member's gradient.
            merged: their layers.
            budget_seconds: that one gradient may take; None leaves nobody out.
            turns: who takes part in an update; by default within the budget.
            threads: in which the members compute at once, where nobody is left out; None for one
                after the other. The results are the same.
        """
        self._sources, self._weights, self._merged = sources, weights, merged
        self._turns = turns or UpdateTurns(len(sources), budget_seconds)
        self._threads = threads
        self._heard: dict[int, Activations] = {}
        """Each member's activations when it took part last."""
        self._sizes: list[dict[str, float]] = [{} for _ in sources]
        """For each member: layer -> size of its gradient when it was asked for alone."""
        self.sample_rate = sources[0].sample_rate
        self.window = max(source.window for source in sources)
        self.layers, self.classes = merged.layers, merged.classes

    def gradient(
        self, waveform: Float, directions: Mapping[str, Float], rule: Rule = "gradient"
    ) -> Gradient:
        """Return the mean of the members' normalised gradients; see `NetworkSet`.

        Members that would be late are left out; their activations are those of their last turn.
        """
        check_layers(directions, self.layers)
        parts: list[tuple[Float, Float, Float, float]] = []
        for index, own, found in self._members_gradients(waveform, directions, rule):
            self._heard[index] = found.activations
            if own:
                self._measure(index, own, found.waveform)
                value = np.full(1, found.objective, np.float32)
                lengths = direction_lengths(own, 1)
                parts.append((value, found.waveform[np.newaxis], lengths, self._weights[index]))
        objective, gradient = normalised_sum(parts, (1, self.window))
        each = [self._heard[index] for index in range(len(self._sources))]
        return Gradient(float(objective[0]), gradient[0], self._merged.activations(each))

    def _members_gradients(
        self, waveform: Float, directions: Mapping[str, Float], rule: Rule
    ) -> Iterator[tuple[int, dict[str, Float], Gradient]]:
        """Yield the number, the directions and the gradient of each member whose turn it is."""

        def of_member(index: int) -> tuple[int, dict[str, Float], Gradient]:
            source = self._sources[index]
            own = self._merged.directions_of(index, directions)
            newest = waveform[self.window - source.window :]
            return index, own, source.gradient(newest, self._balanced(index, own), rule)

        if self._threads is not None:
            others = [self._threads.submit(of_member, i) for i in range(1, len(self._sources))]
            yield of_member(0)
            for other in others:
                yield other.result()
            return
        unheard = [index for index in range(len(self._sources)) if index not in self._heard]
        for index in self._turns.update(unheard):
            yield of_member(index)

    def hear(self, waveform: Float) -> Activations:
        """Return the activations in a window of another sound; see `GradientSource.hear`."""
        self._heard = {
            index: {name: values.copy() for name, values in heard.items()}
            for index, heard in self._heard.items()
        }  # members write over what they gave last
        each = [source.hear(waveform[self.window - source.window :]) for source in self._sources]
        return self._merged.activations(each)

    def value_and_grad(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        """Return objectives [batch] and gradients [batch, window], one window after the other."""
        return one_by_one(self, waveform, directions, rule)

    def _balanced(self, index: int, own: Mapping[str, Float]) -> Mapping[str, Float]:
        """Return a member's directions with equal shares of its layers, where sizes are known.

        The whole gradient is normalised, so who asks for several layers (`GradientBalance`) cannot
        see how large each layer's is; but it asks for each layer alone from time to time.
        """
        sizes = self._sizes[index]
        if len(own) < 2 or any(layer not in sizes for layer in own):
            return own
        middle = float(np.exp(np.mean([np.log(sizes[layer]) for layer in own])))
        return {layer: each * np.float32(middle / sizes[layer]) for layer, each in own.items()}

    def _measure(self, index: int, own: Mapping[str, Float], gradient: Float) -> None:
        if len(own) == 1:
            ((layer, direction),) = own.items()
            size = float(np.linalg.norm(gradient)) / float(np.linalg.norm(direction))
            if 0.0 < size < np.inf:  # silence, or an inactive unit: keep the last size
                self._sizes[index][layer] = size


if TYPE_CHECKING:  # proof for the type checker
    _gradient_source: type[GradientSource] = NetworkSetSource
