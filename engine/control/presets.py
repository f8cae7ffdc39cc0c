"""Presets: named sets of parameters, shipped with Innerear or saved by the user."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Self

from ..dreaming.target_sound import read_target_sound
from ..errors import InnerearError, PresetError, nearest
from ..files import disk_error, list_folder, names_file, names_folder, read_whole, write_beside
from ..packs.adding.addable import how_to_add
from ..packs.pack import available_packs
from ..packs.resolve import load
from ..packs.weighted_names import split_weighted
from ..parameter import Value
from ..parameter_values import ParameterSet
from ..parameters import PARAMETERS
from ..targets.target import Target
from .preset_file import MOST_BYTES, PresetContent, check_parameters, parse_preset, preset_text
from .preset_order import in_order

SHIPPED_FOLDER = Path(__file__).resolve().parent.parent.parent / "presets"
SUFFIX = ".json"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Preset:
    """Values by parameter id; parameters that are left out have their defaults.

    Attributes:
        name: of its file, without the suffix.
        parameters: checked values by id.
        title: for people.
        description: how it sounds, in one line.
        tags: words by which it is found.

    Examples:
        >>> import innerear
        >>> preset = innerear.presets.Preset("my-halo", {"target": "Brass", "step": 1.5})
        >>> preset.values()["step"], preset.values()["mix"]
        (1.5, 1.0)
    """

    name: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            InnerearError: an unknown id, or a value that its parameter cannot take.
        """
        checked = check_parameters(self.parameters)
        object.__setattr__(self, "parameters", MappingProxyType(checked))

    @classmethod
    def of(
        cls, parameters: ParameterSet, name: str, title: str = "", description: str = ""
    ) -> Self:
        """Return a preset of the present parameters."""
        held = {id: parameters[id] for id, p in PARAMETERS.items() if p.stored}
        return cls(name, held, title, description)

    def values(self) -> dict[str, Value]:
        """Return the value of every parameter that presets hold, by id."""
        defaults = {id: p.default for id, p in PARAMETERS.items() if p.stored}
        return {**defaults, **self.parameters}

    def apply(self, parameters: ParameterSet) -> None:
        """Set every parameter that presets hold."""
        for id, value in self.values().items():
            parameters.set(id, value)

    @property
    def missing_models(self) -> tuple[str, ...]:
        """The networks that it needs and that are not installed."""
        installed = available_packs()
        names = (name for name, _ in split_weighted(str(self.values()["model"])))
        return tuple(each for each in names if each not in installed and not names_folder(each))

    @property
    def problem(self) -> str:
        """Why it cannot be played here, as far as that is seen without its networks; or nothing."""
        missing, sound = self.missing_models, str(self.values()["target_sound"])
        if missing:
            return f"needs the model {missing[0]}"
        if sound and not names_file(sound):
            return f"needs the sound {sound}"
        return ""

    def check_words(self) -> None:
        """Check that its model is installed and has its layer and target, and its target sound.

        Raises:
            PresetError: it is not, or does not; the message says how to add the model.
        """
        for model in self.missing_models:
            if add := how_to_add(model):
                raise PresetError(
                    f"The preset {self.name!r} needs the model {model!r}; add it with: {add}"
                )
        values = self.values()
        try:
            pack = load(str(values["model"]))
            words = str(values["layer"]), str(values["target"])
            file = str(values["target_sound"])
            if Target(pack.layers, pack.classes, *words).sound_layers and file:
                read_target_sound(file, pack.sample_rate)
        except InnerearError as problem:
            raise PresetError(
                f"The preset {self.name!r} cannot be played here: {problem}"
            ) from None


def user_folder() -> Path:
    """Return the folder of the user's own presets; it need not exist yet."""
    import platformdirs

    return platformdirs.user_data_path("innerear", appauthor=False) / "presets"


def available_presets() -> dict[str, Path]:
    """Return the name and file of every preset, by their program numbers; see `in_order`.

    A user's preset takes the place of a shipped one of the same name, and its number.
    """
    found = {}
    for folder in (SHIPPED_FOLDER, user_folder()):
        for path in list_folder(folder, f"*{SUFFIX}"):
            if _NAME.fullmatch(path.stem):
                found[path.stem] = path
    return {name: found[name] for name in in_order(found)}


def load_preset(name_or_path: str | Path) -> Preset:
    """Load a preset by its name, or from a JSON file.

    A target sound that lies beside the preset's file is found from there.

    Args:
        name_or_path: of a shipped preset, of one that the user saved, or a path.

    Raises:
        PresetError: there is none; the message lists the nearest names. Or it is not valid; the
            message has the field's name and what it takes.
    """
    presets = available_presets()
    path = presets.get(str(name_or_path))
    if path is None:
        path = Path(name_or_path)
        if not isinstance(name_or_path, Path) and len(path.parts) < 2 and path.suffix != SUFFIX:
            raise PresetError(
                f"There is no preset {name_or_path!r}. {nearest(str(name_or_path), presets)}"
            )
    content = parse_preset(_read(path), path)
    parameters = dict(content.parameters)
    sound = str(parameters.get("target_sound", ""))
    if sound and names_file(path.parent / sound):
        parameters["target_sound"] = str((path.parent / sound).resolve())
    return Preset(path.stem, parameters, content.title, content.description, content.tags)


def save_preset(preset: Preset, replace: bool = False) -> Path:
    """Save a preset to the user's folder, whole or not at all.

    A target sound in that folder is named relative to it, so that both can be moved together.

    Args:
        preset: its name may be a shipped preset's, which it then stands in for.
        replace: an earlier one of the user's.

    Returns:
        the file.

    Raises:
        PresetError: a name that cannot be, one that the user has already, or the disk refuses.
    """
    path = user_folder() / (_checked_name(preset.name) + SUFFIX)
    title = preset.title or preset.name.replace("-", " ").capitalize()
    parameters = dict(preset.parameters)
    sound = Path(str(parameters.get("target_sound", "")))
    if sound.is_absolute() and sound.is_relative_to(path.parent.resolve()):
        parameters["target_sound"] = str(sound.relative_to(path.parent.resolve()))
    text = preset_text(PresetContent(title, preset.description, parameters, preset.tags))
    if path.exists() and not replace:
        raise PresetError(
            f"You have a preset {preset.name!r} already; replace it (--replace), or name it"
            " otherwise."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise disk_error(path.parent, problem, PresetError) from problem
    with write_beside(path, PresetError) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def remove_preset(name: str) -> Path:
    """Delete a preset that the user saved; a shipped one of the same name is available again.

    Returns:
        where it was.

    Raises:
        PresetError: the user has none of that name, or the disk refuses.
    """
    path = _own_file(name, "removed")
    try:
        path.unlink()
    except OSError as problem:
        raise PresetError(f"{path} cannot be removed: {problem.strerror}.") from None
    return path


def rename_preset(name: str, title: str) -> str:
    """Give a preset of the user's another title, and the name that suits it.

    Returns:
        the new name.

    Raises:
        PresetError: the user has no such preset, has another of the new name, or the disk refuses.
    """
    preset = _own_preset(name)
    renamed = dataclasses.replace(preset, name=name_of(title), title=title)
    save_preset(renamed, replace=renamed.name == name)
    if renamed.name != name:
        remove_preset(name)
    return renamed.name


def tag_preset(name: str, tags: Iterable[str]) -> None:
    """Give a preset of the user's other tags.

    Raises:
        PresetError: the user has no such preset, a tag is too long, or the disk refuses.
    """
    preset = dataclasses.replace(_own_preset(name), tags=tuple(tags))
    save_preset(preset, replace=True)


def name_of(title: str) -> str:
    """Return the name that suits a title: `Brass halo!` gives `brass-halo`."""
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:_LONGEST_NAME].strip("-")


def _own_preset(name: str) -> Preset:
    return load_preset(_own_file(name, "changed"))


def _own_file(name: str, verb: str) -> Path:
    """Return the file of a preset of the user's; `verb` says what a shipped one cannot be."""
    files = list_folder(user_folder(), f"*{SUFFIX}")
    own = {path.stem: path for path in files if _NAME.fullmatch(path.stem)}
    if name not in own:
        if (SHIPPED_FOLDER / f"{name}{SUFFIX}").is_file() and _NAME.fullmatch(name):
            raise PresetError(f"{name!r} came with Innerear and cannot be {verb}.")
        hint = nearest(name, own) if own else "You have saved none."
        raise PresetError(f"There is no preset {name!r} of yours. {hint}")
    return own[name]


def _checked_name(name: str) -> str:
    """Return a name that makes a plain file's name and no path."""
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        fitting = name_of(name)
        raise PresetError(
            f"A preset cannot be called {name!r}: it takes up to {_LONGEST_NAME} small letters,"
            " digits and hyphens" + (f", such as {fitting}." if fitting else ".")
        )
    return name


def _read(path: Path) -> bytes:
    try:
        return read_whole(path, MOST_BYTES)
    except FileNotFoundError:
        raise PresetError(f"There is no file {path}.") from None
    except OSError as problem:
        raise PresetError(f"{path} cannot be read: {problem.strerror}.") from None
    except ValueError as problem:
        raise PresetError(f"{path} is no preset: {problem}.") from None


def playable_problem(name: str) -> str:
    """Return why a preset cannot be played here, in words behind its name; or nothing.

    Its networks are not loaded for that, so it is quick; see `Preset.check_words`.
    """
    try:
        return load_preset(name).problem
    except InnerearError:
        return "is damaged"


def title_of(name: str) -> str:
    """Return a preset's title; its name where it has none or cannot be read."""
    try:
        return load_preset(name).title or name
    except InnerearError:
        return name
