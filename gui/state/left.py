"""How the window was left: the parameters, the preset and the slots, for the next start. No Qt."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...engine.control.control_state import ControlState
from ...engine.errors import InnerearError, ParameterError
from ...engine.files import disk_error, read_json, write_text
from ...engine.live.session import Session
from ...engine.parameter_values import ParameterSet
from ...engine.parameters import PARAMETERS
from .settings import MOST_BYTES, settings_file


@dataclass(frozen=True)
class Left:
    """What a session begins with that goes on as another was left."""

    parameters: ParameterSet
    control: ControlState


def left_file() -> Path:
    """Return the path of the file; it need not exist."""
    return settings_file().with_name("left.json")


def save_left(session: Session) -> None:
    """Write how a session is left, completely or not at all.

    Raises:
        InnerearError: it cannot be written.
    """
    path = left_file()
    data = {
        "parameters": session.parameters.as_dict(),
        "control": session.control_state.as_dict(),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise disk_error(path.parent, problem, InnerearError) from problem
    write_text(path, json.dumps(data, indent=2) + "\n")


def load_left() -> Left | None:
    """Return how the last session was left; None where none was, or where that is damaged.

    A parameter that is new, or whose value cannot be any more, has its default.
    """
    try:
        data = read_json(left_file(), MOST_BYTES)
        parameters = ParameterSet()
        for id in PARAMETERS.keys() & data["parameters"].keys():
            with suppress(ParameterError):
                parameters.set(id, data["parameters"][id])
        return Left(parameters, ControlState.from_dict(data["control"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, InnerearError):
        return None
