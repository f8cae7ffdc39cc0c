"""The reference of the command line, from the commands themselves."""

from collections.abc import Iterator
from typing import Any

from innerear.cli.app import command
from innerear.docs.making.markdown import cell, dedented, fenced, table

TITLE = "Commands"


def page() -> str:
    """Return the page in Markdown: every command with its arguments, options and examples."""
    lines = [
        f"# {TITLE}",
        "",
        "What `--help` says of each command. This page is generated from the commands.",
        "",
    ]
    for path, each in walk(command(), "innerear"):
        lines += _section(path, each)
    return "\n".join(lines) + "\n"


def walk(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every command below a group with its full name, and the groups before their own."""
    yield path, group
    for name, each in getattr(group, "commands", {}).items():
        if not each.hidden:
            yield from walk(each, f"{path} {name}")


def _section(path: str, each: Any) -> list[str]:
    is_group = hasattr(each, "commands")
    context = each.make_context(path, [], resilient_parsing=True)
    usage = [path, *each.collect_usage_pieces(context)]
    lines = ["##" + "#" * path.count(" ") + f" {path}", ""]
    lines += [dedented(each.help or ""), "", *fenced(" ".join(usage)), ""]
    if is_group:
        rows = [(f"`{path} {name}`", sub.get_short_help_str(200)) for name, sub in _shown(each)]
        lines += [*_table("command", "does", rows), ""]
    for title, rows in _records(each, context).items():
        lines += [f"**{title}**", "", *_table("", "means", rows), ""]
    if each.epilog:
        examples = "\n".join(line.strip() for line in each.epilog.strip().splitlines())
        lines += ["**Examples**", "", *fenced(examples), ""]
    return lines


def _shown(group: Any) -> list[tuple[str, Any]]:
    return [(name, each) for name, each in group.commands.items() if not each.hidden]


def _records(each: Any, context: Any) -> dict[str, list[tuple[str, str]]]:
    """Return the rows of arguments and options by the title of their group."""
    groups: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
    for parameter in each.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            kind = "Arguments" if parameter.param_type_name == "argument" else "Options"
            title = getattr(parameter, "rich_help_panel", None) or kind
            name, means = record
            groups.setdefault(title, []).append((f"`{name}`", means))
    return {title: rows for title, rows in groups.items() if rows}


def _table(name: str, says: str, rows: list[tuple[str, str]]) -> list[str]:
    return table((name, says), [(cell(first), cell(second)) for first, second in rows])
