"""What all commands share: help in groups with examples, names suggested, numbers that are some."""

import math
from typing import Any

import typer.core

from ...engine.errors import nearest


class _Layout:
    """Overrides of click's help, shared by commands and groups of commands."""

    epilog: str | None

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples line by line."""
        if self.epilog:
            with formatter.section("Examples"):
                for line in self.epilog.strip().splitlines():
                    formatter.write(f"  {line.strip()}\n")


class Command(_Layout, typer.core.TyperCommand):
    """A command whose help shows its options in groups, and whose numbers are finite."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; refuse `nan` and `inf`, which a range lets pass."""
        for parameter in self.get_params(ctx):
            given = ctx.params.get(parameter.name)
            for value in given if isinstance(given, list | tuple) else (given,):
                if isinstance(value, float) and not math.isfinite(value):
                    ctx.fail(f"{parameter.opts[0]}: {value} is no finite number.")
        return super().invoke(ctx)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what follows the command's name: IN OUT [OPTIONS]."""
        arguments = [each for each in self.get_params(ctx) if each.param_type_name == "argument"]
        return [*(_usage(argument) for argument in arguments), "[OPTIONS]"]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options, each group under its name."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                kind = "Arguments" if parameter.param_type_name == "argument" else "Options"
                name = getattr(parameter, "rich_help_panel", None) or kind
                groups.setdefault(name, []).append(record)
        # --help is among the options proper, which come first.
        for name in sorted(groups, key=lambda name: name not in ("Arguments", "Options")):
            with formatter.section(name):
                formatter.write_dl(groups[name])


class Group(_Layout, typer.core.TyperGroup):
    """A group of commands that suggests names for an unknown one."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the first of `args` names."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            ctx.fail(f"There is no command {args[0]!r}. {nearest(args[0], self.commands)}")
        return super().resolve_command(ctx, args)


def _usage(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    if argument.nargs != 1:
        name += " ..."
    return str(name if argument.required else f"[{name}]")
