"""What plays beside the parameters: the preset chosen last, and the slots A and B of the morph."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InnerearError
from ..files import read_json, write_text
from .presets import Preset

_FILE = "control.json"
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class ControlState:
    """What an audio server goes on with after it was started again.

    Attributes:
        preset: name of the preset that was chosen last.
        a, b: what the slots hold; None for the parameters at the start.
    """

    preset: str = ""
    a: Preset | None = None
    b: Preset | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {"preset": self.preset, "a": _preset_data(self.a), "b": _preset_data(self.b)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ControlState":
        """Read what `as_dict` returned.

        Raises:
            InnerearError: it is something else, or a preset that cannot be.
        """
        try:
            return cls(str(data["preset"]), _preset(data["a"]), _preset(data["b"]))
        except (KeyError, TypeError, AttributeError) as problem:
            raise InnerearError(f"This is no state of the controls: {problem!r}.") from problem


def save_control_state(folder: Path, state: ControlState) -> None:
    """Write the state into a session's folder.

    Raises:
        InnerearError: it cannot be written.
    """
    write_text(folder / _FILE, json.dumps(state.as_dict()))


def read_control_state(folder: Path) -> ControlState:
    """Return the state in a session's folder; an empty one where there is none.

    Raises:
        InnerearError: the file holds something else.
    """
    try:
        data = read_json(folder / _FILE, _MOST_BYTES)
        return ControlState.from_dict(data)
    except FileNotFoundError:
        return ControlState()
    except ValueError as problem:
        raise InnerearError(f"{folder / _FILE} is not valid JSON: {problem}.") from problem


def _preset_data(preset: Preset | None) -> dict[str, Any] | None:
    if preset is None:
        return None
    return {
        "name": preset.name,
        "parameters": dict(preset.parameters),
        "title": preset.title,
        "description": preset.description,
    }


def _preset(data: Mapping[str, Any] | None) -> Preset | None:
    return None if data is None else Preset(**data)
