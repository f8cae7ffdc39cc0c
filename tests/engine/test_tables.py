"""Alignments, drives and combinations: each is declared once, and nobody asks for them by name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.analysis.dream_settings import DREAM_SETTINGS
from innerear.engine.combinations import COMBINATIONS, LIVE_COMBINATIONS, OFFLINE_COMBINATIONS
from innerear.engine.drives import DRIVES
from innerear.engine.dsp import spectral_combinations
from innerear.engine.parameters import PARAMETERS

ENGINE = Path(__file__).parents[2] / "engine"
SUBJECTS = ("alignment", "drive")
NAMES = {*ALIGNMENTS, *DRIVES}


def _is_about_a_mode(node: ast.expr) -> bool:
    """Return whether an operand is an alignment or drive, or its name."""
    match node:
        case ast.Constant(value=str(value)):
            return value in NAMES
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in SUBJECTS
        case (
            ast.Call(args=[ast.Constant(value=value)])
            | ast.Subscript(slice=ast.Constant(value=value))
        ):
            return value in SUBJECTS
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return any(_is_about_a_mode(part) for part in parts)
    return False


def _is_a_rule(node: ast.expr) -> bool:
    """Return whether an operand is the rule of a backward pass: a `gradient` that is no drive."""
    return isinstance(node, ast.Name) and node.id == "rule"


def comparisons(source: str) -> Iterator[int]:
    """Yield the lines that compare an alignment or a drive with a name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            if any(map(_is_about_a_mode, operands)) and not any(map(_is_a_rule, operands)):
                yield node.lineno
        elif isinstance(node, ast.MatchValue) and _is_about_a_mode(node.value):
            yield node.value.lineno


@pytest.mark.parametrize(
    "line",
    [
        'x = parameters.text("alignment") == WANTED',
        'x = alignment == "zero-latency"',
        'x = mode in ("live", "aligned")',
        'x = drive != "track"',
        'x = self.drive in TEMPLATE_DRIVES',
        'x = values["drive"] == y',
        'match mode:\n    case "echo":\n        pass',
    ],
)  # fmt: skip
def test_a_comparison_is_found(line: str) -> None:
    assert list(comparisons(line))


@pytest.mark.parametrize(
    "line", ['x = rule == "gradient"', "x = drive.rule is None", 'x = DRIVES["track"].rule']
)
def test_what_is_none_is_not(line: str) -> None:
    assert not list(comparisons(line))


def test_no_module_of_the_engine_compares_alignments_or_drives_by_name() -> None:
    found = [
        f"{path.relative_to(ENGINE)}:{line}"
        for path in sorted(ENGINE.rglob("*.py"))
        for line in comparisons(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_choices_and_their_meanings_derive_from_the_tables() -> None:
    assert PARAMETERS["alignment"].choices == tuple(ALIGNMENTS)
    assert PARAMETERS["drive"].choices == tuple(DRIVES)
    assert PARAMETERS["combine"].choices == LIVE_COMBINATIONS
    for id, table in (("alignment", ALIGNMENTS), ("drive", DRIVES), ("combine", COMBINATIONS)):
        for name in PARAMETERS[id].choices:
            assert f"{name}: {table[name].meaning}" in PARAMETERS[id].meaning
    assert DREAM_SETTINGS["combine"].choices == OFFLINE_COMBINATIONS


def test_the_order_of_choices_stays_for_controllers_and_shared_memory() -> None:
    """A knob's position, and a choice in memory that processes share, is an index."""
    for table, first in (
        (ALIGNMENTS, ["live", "zero-latency", "echo", "aligned"]),
        (DRIVES, ["gradient", "deconv", "guided", "track", "grains"]),
        (LIVE_COMBINATIONS, ["add", "gate", "filter", "flip", "gradient", "mask"]),
    ):
        assert list(table)[: len(first)] == first, "new choices stand at the end"


def test_every_combination_has_the_functions_that_it_promises() -> None:
    assert set(spectral_combinations._CHANGES) == set(LIVE_COMBINATIONS)
    assert set(spectral_combinations._MAKERS) == set(OFFLINE_COMBINATIONS)


def test_which_dreams_are_heard_as_waveforms() -> None:
    gradients = ("gradient", "deconv", "guided")
    for name, alignment in ALIGNMENTS.items():
        waits = name in ("echo", "aligned")
        expected = {**dict.fromkeys(gradients, waits), "track": False, "grains": True}
        assert alignment.waveform_drives == expected
