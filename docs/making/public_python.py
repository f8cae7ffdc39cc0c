"""The reference of Python's public names, which mkdocstrings fills from their docstrings."""

from types import ModuleType

import innerear

_GROUPS = {
    "Sounds": ("hear", "render", "dream", "auralise", "replay"),
    "Networks": ("load", "maximise", "spectra", "Pack", "packs"),
    "Live play": ("Processor", "Session"),
    "Settings": ("PARAMETERS", "ParameterSet", "presets"),
    "Libraries": ("Library",),
    "Errors": ("InnerearError", "errors"),
}


def page() -> str:
    """Return the page in Markdown, with a mark for each name's docstring."""
    grouped = {name for names in _GROUPS.values() for name in names}
    rest = set(innerear.__all__) - grouped - {"__version__"}
    if rest:
        raise ValueError(f"public names without a group: {', '.join(sorted(rest))}")
    lines = [
        "# Python, name by name",
        "",
        "What each public name takes, returns and raises, from its docstring; "
        "[Innerear in Python](../python.md) is the introduction.",
        "",
    ]
    for title, names in _GROUPS.items():
        lines += [f"## {title}", ""]
        for name in names:
            lines += _marks(name)
    return "\n".join(lines) + "\n"


def _marks(name: str) -> list[str]:
    found = getattr(innerear, name)
    if not isinstance(found, ModuleType):
        return [f"::: innerear.{name}", ""]
    inner = [
        f"::: innerear.{name}.{each}\n    options:\n      heading_level: 4\n"
        for each in found.__all__
    ]
    return [f"### innerear.{name}", "", *inner]
