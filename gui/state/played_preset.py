"""The preset that plays: its title, and whether it was changed since. No Qt."""

from ...engine.control.presets import Preset, load_preset
from ...engine.errors import InnerearError
from .parameter_controller import ParameterController

CHANGED = "\N{BULLET}"
"""Stands before the title of a preset that was changed."""


class PlayedPreset:
    """Compares a controller's parameters with the preset that was played last."""

    def __init__(self, controller: ParameterController) -> None:
        """Read presets when they are first wanted."""
        self._controller = controller
        self._presets: dict[str, Preset | None] = {}

    def forget(self) -> None:
        """Read the presets again: some were saved, renamed or deleted."""
        self._presets.clear()

    @property
    def is_changed(self) -> bool:
        """Whether a parameter differs from the preset; False where none was played."""
        preset = self._preset(self._controller.preset)
        if preset is None:
            return False
        values, parameters = preset.values(), self._controller.parameters
        return any(parameters[id] != value for id, value in values.items())

    @property
    def text(self) -> str:
        """The title, with a mark where it was changed; "Presets" where none was played."""
        name = self._controller.preset
        if not name:
            return "Presets"
        preset = self._preset(name)
        title = preset.title if preset is not None and preset.title else name
        return f"{CHANGED} {title}" if self.is_changed else title

    def _preset(self, name: str) -> Preset | None:
        if name and name not in self._presets:
            try:
                self._presets[name] = load_preset(name)
            except InnerearError:
                self._presets[name] = None
        return self._presets.get(name)
