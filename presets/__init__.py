"""Presets: which there are, reading one, saving your own, and what lies between two.

The shipped presets are the JSON files in this folder.
"""

from pathlib import Path

from ..engine.control.morph import morph as _morph
from ..engine.control.presets import (
    Preset,
    available_presets,
    load_preset,
    remove_preset,
    save_preset,
)
from ..engine.parameter import Value

__all__ = ["Preset", "list", "load", "morph", "remove", "save"]


def list() -> tuple[str, ...]:
    """Return the names of all presets, shipped ones first, then your own.

    Examples:
        >>> import innerear
        >>> "brass-halo" in innerear.presets.list()
        True
    """
    return tuple(available_presets())


def load(name: str | Path) -> Preset:
    """Return a preset.

    Args:
        name: of the preset, or a JSON file.

    Raises:
        PresetError: there is no such preset, or it is not valid.

    Examples:
        >>> import innerear
        >>> halo = innerear.presets.load("brass-halo")
        >>> halo.title, halo.values()["target"]
        ('Brass halo', 'Brass')

        Its values are parameters of `render`, `Processor` and `Session`:

        >>> parameters = innerear.ParameterSet(**halo.values())
        >>> processor = innerear.Processor(parameters=parameters)
    """
    return load_preset(name)


def save(preset: Preset, *, replace: bool = False) -> Path:
    """Save a preset among your own.

    Args:
        preset: to save. A preset with the name of a shipped one takes its place.
        replace: whether to replace one of your own with that name.

    Returns:
        the file.

    Raises:
        PresetError: the name or a value cannot be saved, or you have a preset of that name.

    Examples:
        >>> import innerear
        >>> louder = innerear.presets.Preset("my-halo", {"target": "Brass", "step": 1.5})
        >>> innerear.presets.save(louder).name
        'my-halo.json'
        >>> innerear.presets.load("my-halo").parameters["step"]
        1.5
        >>> innerear.presets.remove("my-halo").name
        'my-halo.json'
    """
    return save_preset(preset, replace)


def remove(name: str) -> Path:
    """Remove one of your own presets.

    Args:
        name: of the preset.

    Returns:
        the file in which it was.

    Raises:
        PresetError: you have no preset of that name, or the disk refuses.

    Examples:
        >>> import innerear
        >>> try:
        ...     innerear.presets.remove("brass-halo")
        ... except innerear.errors.PresetError as error:
        ...     print(error)
        'brass-halo' came with Innerear and cannot be removed.
    """
    return remove_preset(name)


def morph(start: str | Preset, end: str | Preset, position: float) -> dict[str, Value]:
    """Return the values of a sound between two presets.

    Args:
        start: the preset at position 0, or its name.
        end: the preset at position 1, or its name.
        position: 0..1.

    Returns:
        values by parameter id.

    Raises:
        PresetError: there is no such preset.

    Examples:
        >>> import innerear
        >>> between = innerear.presets.morph("brass-halo", "tunnel-drone", 0.5)
        >>> parameters = innerear.ParameterSet(**between)
    """
    first, last = (each if isinstance(each, Preset) else load_preset(each) for each in (start, end))
    return _morph(first, last, position)
