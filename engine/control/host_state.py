"""What a host saves with a project: a preset, and which packs it was made with."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import InnerearError, PresetError
from ..files import names_file, parse_json
from ..packs.adding.addable import how_to_add
from ..packs.manifest import DREAM_FILE, read_manifest
from ..packs.pack import available_packs
from ..packs.weighted_names import split_weighted
from ..parameter_values import ParameterSet
from .preset_file import PresetContent, parse_preset, preset_text
from .presets import Preset

_TITLE = "Plug-in"
_OF_THE_MODEL = ("model", "layer", "target")
"""Parameters that mean nothing without the pack they were set for."""


class HostState:
    """Gives a host the present state, and takes one that a host has kept.

    What a state wanted of a pack that is missing here is kept, and saved again, until another model
    is chosen.
    """

    def __init__(self, parameters: ParameterSet) -> None:
        """Begin with the parameters as they are.

        Args:
            parameters: that are saved and set.
        """
        self._parameters = parameters
        self._missing: dict[str, Any] = {}
        self._missing_packs: dict[str, str] = {}
        self._played_instead = ""

    def text(self) -> str:
        """Return the present state, as JSON."""
        values = dict(Preset.of(self._parameters, "plug-in").parameters)
        packs = _checksums(str(values["model"]))
        if self._missing and values["model"] == self._played_instead:
            values |= self._missing
            packs = self._missing_packs
        preset = parse_json(preset_text(PresetContent(_TITLE, "", values)))
        return json.dumps({"preset": preset, "packs": packs})

    def recall(self, text: str) -> list[str]:
        """Set the parameters to a state; return what cannot be as it was, a line each.

        Where a pack is missing, all but the model, and what is the model's, is set.

        Raises:
            PresetError: it is no state of ours, or one of a newer version.
        """
        preset, packs = _parsed(text)
        values = preset.values()
        news = list(_differences(packs))
        missing = preset.missing_models
        self._missing, self._missing_packs = {}, {}
        if missing:
            self._missing = {id: values.pop(id) for id in _OF_THE_MODEL}
            self._missing_packs = packs
            news += [_missing_line(name) for name in missing]
        sound = str(values["target_sound"])
        if sound and not names_file(sound):
            news.append(f"The target sound {sound} is missing; the rest was restored.")
        for id, value in values.items():
            self._parameters.set(id, value)
        self._played_instead = self._parameters.text("model")
        return news


def _parsed(text: str) -> tuple[Preset, dict[str, str]]:
    try:
        data = parse_json(text)
        packs = {str(name): str(checksum) for name, checksum in data["packs"].items()}
        content = parse_preset(json.dumps(data["preset"]).encode(), "the project's state")
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise PresetError(f"The project holds no state of Innerear: {problem!r}.") from None
    return Preset("plug-in", content.parameters), packs


def _checksums(model: str) -> dict[str, str]:
    """Return the checksum of the dream graph of each pack that a model names."""
    installed, found = available_packs(), {}
    for name, _ in split_weighted(model):
        folder = installed.get(name, Path(name))
        try:
            found[name] = read_manifest(folder).files.get(DREAM_FILE, "")
        except InnerearError:  # it is gone meanwhile; its name says enough
            found[name] = ""
    return found


def _differences(packs: Mapping[str, str]) -> Iterator[str]:
    """Say which of the packs is another than the one of that name that the state was made with."""
    installed = available_packs()  # no other name is looked up: a state may come from anybody
    for name, before in packs.items():
        now = _checksums(name).get(name, "") if name in installed else ""
        if before and now and now != before:
            yield f"The model {name} is not the one that this project was saved with."


def _missing_line(name: str) -> str:
    add = how_to_add(name)
    how = f" Add it with: {add}." if add else ""
    return f"The model {name} of this project is not installed; the rest was restored.{how}"
