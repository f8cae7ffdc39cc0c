"""Gives a command one flag for every parameter, derived from where the parameter is declared."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

import typer

from ..engine.parameters import PARAMETERS, Parameter, ParameterSet, Value

PANEL = "Sound and dream"
STORED = {id: parameter for id, parameter in PARAMETERS.items() if parameter.stored}
"""What makes up a sound; a performance's own knobs, such as the morph, are no flags."""


Function = Callable[..., None]


def with_parameters(**defaults: Value) -> Callable[[Function], Function]:
    """Decorate a command that takes `parameters: ParameterSet` so that it gets the flags instead.

    Args:
        **defaults: where this command starts from other values than the parameters' own, by id.

    Returns:
        A decorator for the body of a typer command; its other arguments stay as they are. The
        command has `--layer`, `--step`, `--threshold-db` and so on.
    """

    def decorate(function: Function) -> Function:
        own = [
            argument
            for argument in inspect.signature(function, eval_str=True).parameters.values()
            if argument.name != "parameters"
        ]

        def command(**values: Any) -> None:
            given = {id: values.pop(id) for id in STORED}
            chosen = {id: value for id, value in given.items() if value is not None}
            function(**values, parameters=ParameterSet(**{**defaults, **chosen}))

        shown = [
            replace(parameter, default=defaults.get(parameter.id, parameter.default))
            for parameter in STORED.values()
        ]
        arguments = [*own, *(_argument(parameter) for parameter in shown)]
        command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [argument.replace(kind=inspect.Parameter.KEYWORD_ONLY) for argument in arguments]
        )
        command.__annotations__ = {argument.name: argument.annotation for argument in arguments}
        command.__doc__ = function.__doc__
        command.__name__ = function.__name__
        return command

    return decorate


def _argument(parameter: Parameter) -> inspect.Parameter:
    switch = parameter.kind == "switch"
    flags = parameter.flag
    if switch:
        flags += "/" + parameter.flag.replace("--", "--no-", 1)
    option = typer.Option(
        flags,
        help=_help(parameter),
        metavar=None if switch else _metavar(parameter),
        show_default=False,
        rich_help_panel=PANEL,
    )
    return inspect.Parameter(
        parameter.id,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        # Values stay text until the parameter itself checks them, with its own words.
        annotation=Annotated[bool | None if switch else str | None, option],
    )


def _metavar(parameter: Parameter) -> str:
    if parameter.kind in ("number", "duration"):
        unit = f" {parameter.unit}" if parameter.unit else ""
        return f"<{parameter.minimum:g}..{parameter.maximum:g}{unit}>"
    return "<samples>" if parameter.kind == "integer choice" else "<name>"


def _help(parameter: Parameter) -> str:
    choices = ""
    if parameter.choices:
        choices = f" One of {', '.join(str(choice) for choice in parameter.choices)}."
    default = parameter.default
    shown = ("on" if default else "off") if parameter.kind == "switch" else default
    return f"{parameter.meaning}{choices}  [default: {shown}]"
