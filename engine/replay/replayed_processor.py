"""A processor with the values, clears and beats of a performance."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from ..arrays import Float
from ..parameter import Value
from ..parameter_values import ParameterSet
from ..plugin.processor import Processor
from .events import VERSION
from .former_feedback_loop import FormerFeedbackLoop
from .reader import LoggedProcessor

LAST_OF_FORMER_LOOP = 5
"""The last version of logs whose feedback loop was another; see `FormerFeedbackLoop`."""


class ReplayedProcessor(Processor):
    """A processor in which the same happens at the same block as in the performance."""

    def __init__(
        self,
        logged: LoggedProcessor,
        settings: Mapping[str, Value],
        version: int = VERSION,
        **arguments: Any,
    ) -> None:
        """Set up with the values that the logged processor was prepared with.

        Args:
            logged: what happened to it.
            settings: values by parameter id that hold whatever was set.
            version: of the log's format.
            **arguments: where dreams come from; see `Processor`.
        """
        self._logged, self._settings = logged, settings
        self._calls = count()
        if version <= LAST_OF_FORMER_LOOP:
            self._make_loop = FormerFeedbackLoop
        super().__init__(parameters=ParameterSet(**{**logged.prepared, **settings}), **arguments)

    def begin(self, sample_rate: int, channels: int) -> None:
        """Prepare as the logged processor was prepared."""
        self.prepare(sample_rate, self._logged.about.block_size, channels)
        self._reset_as_logged(0)  # values may have changed while the sources were made

    def process(self, block: Float, sidechain: Float | None = None) -> Float:
        """Process one block; see `Processor.process`."""
        call = next(self._calls)
        if call > 0:
            self._reset_as_logged(call)
        for beats in self._logged.cues.get(call, ()):
            if beats is None:
                self.clear()
            else:
                self.align_beat(beats)
        self._set(self._logged.blocks.get(call, {}))
        return super().process(block, sidechain)

    def _reset_as_logged(self, call: int) -> None:
        changed = self._logged.resets.get(call)
        if changed is not None:
            self._set(changed)
            self.reset()

    def _set(self, changed: Mapping[str, Value]) -> None:
        for id, value in changed.items():
            if id not in self._settings:
                self.parameters.set(id, value)
