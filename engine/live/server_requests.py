"""What a client may ask a running audio server for: one method for each type of request."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ..control.requests import (
    DoAction,
    MidiBind,
    MidiBindings,
    MidiCancel,
    MidiForget,
    MidiLearn,
    MidiMapping,
    MidiMessages,
    MidiUnbind,
    OpenDevices,
    OpenFile,
    Request,
    ResetMeasurements,
    RestoreControls,
    SetFilePlayback,
    SetSlot,
    StoreSlot,
    ToggleSlot,
)
from ..parameter import Value

Slot = Literal["a", "b"]


class ServerRequests(ABC):
    """Sends requests to the audio server and waits for the answers.

    Every method raises `InnerearError` where the server refuses, in its own words, and
    `DeviceError` where nothing plays or no answer comes in time: within `ANSWER_SECONDS` of
    `control/requests.py`, and for opening within `OPEN_SECONDS`.
    """

    @abstractmethod
    def _ask(self, request: Request) -> Mapping[str, Any]:
        """Send a request and return the answer."""

    def open_devices(
        self,
        input_device: str | int | None = None,
        output_device: str | int | None = None,
        sample_rate: int | None = None,
        channels: int | None = None,
        sidechain: Sequence[int] = (),
        connect: bool = True,
    ) -> None:
        """Play from other devices; where they cannot be opened, those before play on.

        Args:
            input_device, output_device, sample_rate, channels, sidechain, connect: see
                `open_stream`.
        """
        devices = input_device, output_device
        self._ask(OpenDevices(*devices, sample_rate, channels, tuple(sidechain), connect))

    def open_file(
        self,
        path: Path,
        output_device: str | int | None = None,
        sample_rate: int | None = None,
        looping: bool = True,
    ) -> None:
        """Play another sound file; where it cannot be opened, what played before plays on.

        Args:
            path, output_device, sample_rate, looping: see `FileStream`.
        """
        self._ask(OpenFile(str(path.resolve()), output_device, sample_rate, looping))

    def set_file_playback(
        self,
        playing: bool | None = None,
        looping: bool | None = None,
        seconds: float | None = None,
    ) -> None:
        """Play, pause, seek or loop the file that plays; None leaves a value as it is.

        Args:
            playing: False pauses.
            looping: whether the file starts again at its end.
            seconds: the position to go on from.
        """
        self._ask(SetFilePlayback(playing, looping, seconds))

    def reset_measurements(self) -> None:
        """Forget all durations, lost blocks and ages so far."""
        self._ask(ResetMeasurements())

    def action(self, name: str, *arguments: int) -> None:
        """Do what a button does: `panic`, `tap`, `next-preset` and so on.

        Args:
            name: one of `ACTIONS`.
            arguments: of the action; `preset` takes a number from 1.
        """
        self._ask(DoAction(name, arguments))

    def set_slot(
        self, slot: Slot, preset: str, values: Mapping[str, Value], title: str = ""
    ) -> None:
        """Put a preset into a slot of the morph.

        Args:
            slot: a or b.
            preset: its name.
            values: by parameter id.
            title: of the preset, for people.
        """
        self._ask(SetSlot(slot, preset, dict(values), title))

    def restore_controls(
        self, controls: Mapping[str, Any], left: Mapping[str, Any], values: Mapping[str, Value]
    ) -> None:
        """Set preset, slots, morph and parameters as they were once.

        Args:
            controls: before or after a preset was played; see `Session.play_preset`.
            left: after or before it; a slot that holds something else now stays.
            values: by parameter id.
        """
        self._ask(RestoreControls(dict(controls), dict(left), dict(values)))

    def store_slot(self, slot: Slot) -> None:
        """Keep the present parameters in a slot of the morph."""
        self._ask(StoreSlot(slot))

    def toggle_slot(self) -> Slot:
        """Move the morph to the other slot; return which."""
        return "a" if self._ask(ToggleSlot())["slot"] == "a" else "b"

    def midi_learn(self, target: str, preset: int | None = None, keep: bool = False) -> None:
        """Bind the MIDI control that is moved next.

        Args:
            target: a parameter's id or an action.
            preset: number for the action `preset`, from 1.
            keep: whether what the control did before stays bound.
        """
        self._ask(MidiLearn(target, preset, keep))

    def midi_cancel(self) -> None:
        """Stop waiting for a MIDI control."""
        self._ask(MidiCancel())

    def midi_forget(self, target: str) -> None:
        """Remove all MIDI controls of a parameter or an action."""
        self._ask(MidiForget(target))

    def midi_bind(self, binding: Mapping[str, Any], keep: bool = True) -> None:
        """Add a MIDI binding.

        Args:
            binding: JSON data of a `Binding`.
            keep: whether what its control did before stays bound.
        """
        self._ask(MidiBind(dict(binding), keep))

    def midi_unbind(self, binding: Mapping[str, Any]) -> None:
        """Remove one MIDI binding, as `midi_bindings` returns it."""
        self._ask(MidiUnbind(dict(binding)))

    def midi_messages(self, after: int = 0) -> tuple[int, list[str]]:
        """Return how many MIDI messages came so far, and the newest of them, a line each.

        Args:
            after: only those that came after as many.
        """
        answer = self._ask(MidiMessages(after))
        return int(answer["count"]), list(answer["messages"])

    def midi_bindings(self, target: str | None = None) -> list[dict[str, Any]]:
        """Return the MIDI bindings, each as JSON data of a `Binding`; the user's own come first.

        Args:
            target: only those of this parameter or action; None for all.
        """
        return list(self._ask(MidiBindings(target))["bindings"])

    def midi_mapping(self, name: str) -> None:
        """Use another mapping for all MIDI controllers; see `load_mapping`."""
        self._ask(MidiMapping(name))
