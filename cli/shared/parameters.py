"""Gives a command one flag for every parameter, derived from the parameter's declaration."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import typer

from ...engine.errors import ParameterError
from ...engine.parameter import Parameter, Value
from ...engine.parameter_values import ParameterSet
from ...engine.parameters import PARAMETERS
from ...engine.typed import NUMBERS, plain_text
from .completion import complete_model, complete_preset

PANEL = "Sound and dream"
_COMPLETIONS = {"model": complete_model}
"""What the shell offers for the values of a parameter, by its id."""


Function = Callable[..., None]


def with_parameters(**defaults: Value) -> Callable[[Function], Function]:
    """Decorate a command that takes `parameters: ParameterSet` so that it gets the flags instead.

    The command has `--layer`, `--step`, `--threshold-db` and so on, and `--preset` and
    `--morph-to`: it starts from the preset, or from what is between the two, and the flags change
    single values. A target sound, or a function's own `target_input`, implies the target `sound`.
    A function that takes `preset` or `morph_to` gets that name, or None; one that has an argument
    called like a parameter declares that flag itself.

    Args:
        **defaults: defaults of this command that differ from the parameters' own, by id. A preset
            sets everything, so these do not apply with one.

    Returns:
        A decorator for the body of a typer command; its other arguments stay as they are.
    """

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function, eval_str=True).parameters
        filled = ("parameters", *_PRESETS)
        own = [argument for argument in signature.values() if argument.name not in filled]
        shared = [id for id in PARAMETERS if id not in signature]

        def command(**values: Any) -> None:
            given = {id: values.pop(id) for id in shared}
            chosen = _chosen(given, PARAMETERS)
            presets = {name: values.pop(name) for name in _PRESETS}
            start = _values_of(**presets, position=chosen.get("morph")) or defaults
            if chosen.get("target_sound") or values.get("target_input"):
                from ...engine.targets.target_mix import implied_target

                chosen |= implied_target(chosen, start)
            values |= {name: preset for name, preset in presets.items() if name in signature}
            function(**values, parameters=ParameterSet(**{**start, **chosen}))

        shown = [
            replace(PARAMETERS[id], default=defaults.get(id, PARAMETERS[id].default))
            for id in shared
        ]
        flags = (_argument(parameter) for parameter in shown)
        return _presented(command, function, [*own, *_PRESETS.values(), *flags])

    return decorate


def with_flags(
    name: str, declared: Mapping[str, Parameter], make: Callable[..., Any]
) -> Callable[[Function], Function]:
    """Decorate a command that takes one argument made of many values so that each has a flag.

    Args:
        name: of that argument.
        declared: the values by id.
        make: called with the values given, by id; returns the argument.

    Returns:
        A decorator for the body of a typer command; its other arguments stay as they are.
    """

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function, eval_str=True).parameters
        own = [argument for argument in signature.values() if argument.name != name]

        def command(**values: Any) -> None:
            given = {id: values.pop(id) for id in declared}
            chosen = _chosen(given, declared)
            function(**values, **{name: make(**chosen)})

        flags = (_argument(parameter) for parameter in declared.values())
        return _presented(command, function, [*own, *flags])

    return decorate


def _chosen(given: Mapping[str, Any], declared: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return the values of the flags that were given; a number may have its unit."""
    return {
        id: plain_text(declared[id], value)
        if isinstance(value, str) and declared[id].kind in NUMBERS
        else value
        for id, value in given.items()
        if value is not None
    }


def _presented(
    command: Function, function: Function, arguments: Sequence[inspect.Parameter]
) -> Function:
    """Return the command with the function's name and help, and with these arguments."""
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [argument.replace(kind=inspect.Parameter.KEYWORD_ONLY) for argument in arguments]
    )
    command.__annotations__ = {argument.name: argument.annotation for argument in arguments}
    command.__doc__ = function.__doc__
    command.__name__ = function.__name__
    return command


def _preset_argument(name: str, meaning: str) -> inspect.Parameter:
    option = typer.Option(
        metavar="<name>",
        help=meaning,
        autocompletion=complete_preset,
        show_default=False,
        rich_help_panel=PANEL,
    )
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[str | None, option],
    )


_PRESETS = {
    "preset": _preset_argument(
        "preset", "Start from a preset (see presets list) or from a preset's file."
    ),
    "morph_to": _preset_argument(
        "morph_to", "Preset B, towards which --morph leads from --preset, which is A."
    ),
}


def _values_of(preset: str | None, morph_to: str | None, position: str | None) -> dict[str, Value]:
    """Return the values of a preset, or between two; none without one."""
    place = float(PARAMETERS["morph"].check(position or 0.0))
    if position is not None and morph_to is None:
        raise ParameterError("--morph leads to a second preset: name that with --morph-to.")
    if preset is None:
        if morph_to is not None:
            raise ParameterError("--morph-to leads away from a preset: name that with --preset.")
        return {}
    from ...engine.control.presets import load_preset

    start = load_preset(preset)
    if morph_to is None:
        return start.values()
    from ...engine.control.morph import morph

    end = load_preset(morph_to)
    return morph(start, end, place)


def _argument(parameter: Parameter) -> inspect.Parameter:
    switch = parameter.kind == "switch"
    flags = parameter.flag
    if switch:
        flags += "/" + parameter.flag.replace("--", "--no-", 1)
    option = typer.Option(
        flags,
        help=_help(parameter),
        metavar=None if switch else _metavar(parameter),
        autocompletion=_COMPLETIONS.get(parameter.id),
        show_default=False,
        rich_help_panel=PANEL,
    )
    return inspect.Parameter(
        parameter.id,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        # Values stay text: the parameter itself checks them, and its errors name what it takes.
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
    if shown == "":
        shown = "none"
    return f"{parameter.meaning}{choices}  [default: {shown}]"
