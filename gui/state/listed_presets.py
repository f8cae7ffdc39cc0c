"""What the preset browser lists of each preset. No Qt."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...engine.control.favourites import favourite_presets
from ...engine.control.presets import available_presets, load_preset, user_folder
from ...engine.errors import InnerearError

_DAMAGED = "is damaged"


@dataclass(frozen=True)
class ListedPreset:
    """One preset.

    Attributes:
        name: of its file.
        number: its program number, from 1.
        title, description, tags: see `Preset`.
        aim: what is dreamed of, in words.
        is_own, is_favourite: whether the user saved it, and likes it.
        problem: why it cannot be played here, in words behind its title; empty where it can.
        missing_model: the model that it needs and that is not installed; empty for none.
    """

    name: str
    number: int
    title: str
    description: str = ""
    tags: tuple[str, ...] = ()
    aim: str = ""
    is_own: bool = False
    is_favourite: bool = False
    problem: str = ""
    missing_model: str = ""

    @property
    def text(self) -> str:
        """Its line in the list."""
        star = " \N{BLACK STAR}" if self.is_favourite else ""
        notes = ["yours"] * self.is_own + [self.problem] * bool(self.problem)
        behind = f"  \N{MIDDLE DOT} {', '.join(notes)}" if notes else ""
        return f"{self.number}  {self.title}{star}{behind}"

    def matches(self, wanted: str) -> bool:
        """Whether each of the words is in its line, its description or its tags."""
        words = f"{self.text} {self.name} {self.description} {' '.join(self.tags)}".lower()
        return all(word in words for word in wanted.lower().split())


def list_presets() -> list[ListedPreset]:
    """Return all presets, by their program numbers."""
    favourites, own = favourite_presets(), user_folder()
    found = []
    for number, (name, path) in enumerate(available_presets().items(), 1):
        is_own, is_favourite = path.parent == own, name in favourites
        try:
            preset = load_preset(name)
        except InnerearError:
            listed = ListedPreset(
                name, number, name, is_own=is_own, is_favourite=is_favourite, problem=_DAMAGED
            )
        else:
            values = preset.values()
            listed = ListedPreset(
                name,
                number,
                preset.title or name,
                preset.description,
                preset.tags,
                f"{values['model']}: {values['target']} on {values['layer']}",
                is_own,
                is_favourite,
                preset.problem,
                next(iter(preset.missing_models), ""),
            )
        found.append(listed)
    return found


def list_tags(presets: Iterable[ListedPreset]) -> list[str]:
    """Return all tags of presets, in alphabetical order."""
    return sorted({tag for preset in presets for tag in preset.tags})
