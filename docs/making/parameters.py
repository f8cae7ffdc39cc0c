"""The reference of the parameters, from their declarations."""

from innerear.docs.making.markdown import cell
from innerear.engine.analysis.dream_settings import DREAM_SETTINGS
from innerear.engine.parameter import Parameter
from innerear.engine.parameters import PARAMETERS

_KINDS = {"text": "text", "switch": "on or off", "integer choice": "choice"}


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
        *_table(list(PARAMETERS.values())),
        "",
        "## Of `innerear dream`",
        "",
        *_table(list(DREAM_SETTINGS.values())),
    ]
    return "\n".join(lines) + "\n"


def _table(parameters: list[Parameter]) -> list[str]:
    head = ["id", "in the window", "values", "default", "kept", "prepares", "means"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return [*lines, *(_row(each) for each in parameters)]


def _row(each: Parameter) -> str:
    cells = [
        f"`{each.id}`",
        cell(each.title),
        cell(each.range_text or _KINDS[each.kind]),
        f"`{each.text(each.default)}`" if each.default != "" else "none",
        "yes" if each.stored else "no",
        "yes" if each.structural else "no",
        cell(each.meaning),
    ]
    return f"| {' | '.join(cells)} |"
