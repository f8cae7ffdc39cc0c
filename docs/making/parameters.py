"""The reference of the parameters, from their declarations."""

from innerear.docs.making.markdown import cell, table
from innerear.engine.analysis.dream_settings import DREAM_SETTINGS
from innerear.engine.parameter import Parameter
from innerear.engine.parameters import PARAMETERS

_KINDS = {"text": "text", "switch": "on or off", "integer choice": "choice"}

_HEADS = ("id", "in the window", "values", "default", "kept", "prepares", "means")


def page() -> str:
    """Return the page in Markdown: a table of every parameter of live play, and of `dream`."""
    lines = [
        "# Parameters",
        "",
        "Every parameter as it is declared; this page is generated from the declarations. "
        "[Knobs](../knobs.md) says what they do to a sound.",
        "",
        "- **id**: its name in presets, in Python and over OSC (`/innerear/ID`); the flag is the "
        "id with dashes.",
        "- **kept**: whether presets hold it.",
        "- **prepares**: whether a change while playing prepares a second processor and fades to "
        "it; a host cannot automate these.",
        "",
        "## Of live play, `render` and presets",
        "",
        *table(_HEADS, map(_cells, PARAMETERS.values())),
        "",
        "## Of `innerear dream`",
        "",
        *table(_HEADS, map(_cells, DREAM_SETTINGS.values())),
    ]
    return "\n".join(lines) + "\n"


def _cells(each: Parameter) -> list[str]:
    return [
        f"`{each.id}`",
        cell(each.title),
        cell(each.range_text or _KINDS[each.kind]),
        f"`{each.text(each.default)}`" if each.default != "" else "none",
        "yes" if each.stored else "no",
        "yes" if each.structural else "no",
        cell(each.meaning),
    ]
