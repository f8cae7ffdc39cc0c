"""The memory between the audio side and one network's process: sound one way, dreams the other."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from ..dreaming.dream import Dream
from ..dreaming.streaming_dream import feed_buffer, feed_samples, tape_buffer, tape_samples
from ..dsp.ring_buffer import RingBuffer
from ..packs.network import Activations
from ..parameterisations import Form
from .shared_arrays import Fields, SharedArrays, SharedText

SLOTS = 4
"""Dreams kept: a reader has three updates' time to copy one before it is written over."""
_LABEL_BYTES = 512
_COUNT, _STEPS, _RESETS = range(3)
_NUMBER, _HEARD_UNTIL, _OBJECTIVE, _FORM = range(4)
_FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True)
class ChannelShape:
    """What both sides must know to use the same memory layout, and about the network.

    Attributes:
        model: the pack's name.
        model_rate: the network's sample rate.
        window: samples that it takes.
        layers: layer -> number of units, in network order.
        classes: names of the units of `output`.
        sample_rate: of the stream.
        n_fft: of the filter.
        tape_lag, update_deadline: see `DreamSource`.
        warning: what to know about the network, in one line, such as that it has no dream graph.
    """

    model: str
    model_rate: int
    window: int
    layers: Mapping[str, int]
    classes: Sequence[str]
    sample_rate: int
    n_fft: int
    tape_lag: int
    update_deadline: int
    warning: str = ""

    @property
    def fields(self) -> Fields:
        """The arrays in the shared block."""
        bins, units = self.n_fft // 2 + 1, sum(self.layers.values())
        return {
            "state": ("i8", (8,)),
            "problem": ("u1", (_LABEL_BYTES,)),
            "feed": ("u1", (RingBuffer.bytes_needed(1, feed_samples(self.sample_rate)),)),
            "sidechain": ("u1", (RingBuffer.bytes_needed(1, feed_samples(self.sample_rate)),)),
            "tape": ("u1", (RingBuffer.bytes_needed(1, tape_samples(self.sample_rate)),)),
            "numbers": ("f8", (SLOTS, 4)),
            "labels": ("u1", (SLOTS, _LABEL_BYTES)),
            "spectra": ("f4", (SLOTS, bins)),
            "activations": ("f4", (SLOTS, units)),
        }

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


class InferenceChannel:
    """One stream's channel; the audio side and the network's process each map the same file.

    Positions count the samples fed through this channel.
    """

    def __init__(self, path: Path, shape: ChannelShape, create: bool = False) -> None:
        """Map the file; see `SharedArrays`."""
        self._block = SharedArrays(path, shape.fields, create)
        self.shape = shape
        self.feed = feed_buffer(shape.sample_rate, self._block["feed"].data)
        self.sidechain = feed_buffer(shape.sample_rate, self._block["sidechain"].data)
        self.tape = tape_buffer(shape.sample_rate, self._block["tape"].data)
        self._state = self._block["state"]
        self._labels = [SharedText(self._block["labels"][slot]) for slot in range(SLOTS)]
        self._problem = SharedText(self._block["problem"])

    @property
    def count(self) -> int:
        """Dreams published."""
        return int(self._state[_COUNT])

    @property
    def steps(self) -> int:
        """Steps of the network's process so far, with or without a dream: a sign of life."""
        return int(self._state[_STEPS])

    @property
    def resets(self) -> int:
        """How often the audio side asked for a reset."""
        return int(self._state[_RESETS])

    @property
    def problem(self) -> str:
        """The newest error, in one line; empty when there is none."""
        return self._problem.get()

    def publish(self, dream: Dream) -> None:
        """Make `dream` the newest. Only the network's process calls this."""
        number = self.count + 1
        slot = number % SLOTS
        self._block["spectra"][slot] = dream.spectrum
        at = 0
        for name, units in self.shape.layers.items():
            if name in dream.activations:
                self._block["activations"][slot, at : at + units] = dream.activations[name]
            at += units
        self._labels[slot].set(dream.target)
        form = _FORMS.index(dream.form)
        self._block["numbers"][slot] = number, dream.heard_until, dream.objective, form
        self._state[_COUNT] = number

    def newest(self) -> Dream:
        """Return the newest dream without its activations; the arrays last three updates."""
        slot = self.count % SLOTS
        numbers = self._block["numbers"][slot]
        return Dream(
            self._block["spectra"][slot],
            int(numbers[_HEARD_UNTIL]),
            self._labels[slot].get(),
            float(numbers[_OBJECTIVE]),
            form=_FORMS[int(numbers[_FORM])],
        )

    def activations(self) -> Activations:
        """Return a copy of the newest activations, layer -> (units,)."""
        row = self._block["activations"][self.count % SLOTS].copy()
        ends = np.cumsum(list(self.shape.layers.values()))
        parts = np.split(row, ends[:-1]) if len(ends) else []
        return dict(zip(self.shape.layers, parts, strict=True))

    def count_step(self, problem: str) -> None:
        """Count one step of the network's process, and publish its error, or an empty text."""
        self._state[_STEPS] += 1
        if problem != self._problem.get():
            self._problem.set(problem)

    def request_reset(self) -> None:
        """Ask the network's process to forget the sound so far."""
        self._state[_RESETS] += 1

    def unlink(self) -> None:
        """Delete the file; both sides keep what they have mapped."""
        self._block.unlink()
