"""The networks that the parameter `model` names, as a menu shows and changes them. No Qt."""

import re

from ...engine.packs.weighted_names import split_weighted

_COMMAND = re.compile(r"; (?:add it|do so) with: innerear models add (?P<model>[\w-]+)\.?$")


def named_models(model: str) -> tuple[str, ...]:
    """Return the names of the networks in a value of the parameter `model`."""
    return tuple(name for name, _ in split_weighted(model))


def toggle_model(model: str, name: str) -> str:
    """Return the value with one network more, or without it; the last one stays.

    Args:
        model: a value of the parameter `model`.
        name: of a pack.
    """
    parts = [part.strip() for part in model.split(",")]
    names = named_models(model)
    if name not in names:
        return ",".join([*parts, name])
    left = [part for part, each in zip(parts, names, strict=True) if each != name]
    if len(left) == 1:  # a network by itself has no weight
        left = [next(each for each in names if each != name)]
    return ",".join(left) or model


def without_command(line: str) -> tuple[str, str]:
    """Return a message without the command that adds a model on a terminal: a button does it here.

    Args:
        line: as the engine says it.

    Returns:
        the message, and the name of the model; "" where the message names no command.
    """
    found = _COMMAND.search(line)
    return (line, "") if found is None else (f"{line[: found.start()]}.", found["model"])
