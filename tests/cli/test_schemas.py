"""What `--json` prints has the fields that docs/json.md names, with their types, and no others."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from innerear.cli.shared.schemas import (
    PARTS,
    REPORTS,
    DreamReport,
    HearReport,
    PaperReport,
    RenderReport,
    Schema,
    as_markdown,
    print_report,
)

from .conftest import Run

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "json.md"
JUDGE = ("--judge", "crnn-instruments")

COMMANDS: dict[str, tuple[tuple[object, ...], type[Schema], set[str]]] = {
    "render": (("render", "IN", "OUT"), RenderReport, set()),
    "render silently": (("render", "IN", "OUT", "--output-db", -60), RenderReport, set()),
    "render, judged": (("render", "IN", "OUT", *JUDGE), RenderReport, {"judges"}),
    "dream": (("dream", "IN", "OUT", "--steps", 2, "--every", 1), DreamReport, set()),
    "dream, judged": (("dream", "IN", "OUT", "--steps", 1, *JUDGE), DreamReport, {"judges"}),
    "hear": (("hear", "IN"), HearReport, set()),
    "hear a layer": (("hear", "IN", "--layer", "tones"), HearReport, {"layer", "activations"}),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_what_its_schema_says(
    run: Run, toy_pack: Path, tone: Path, tmp_path: Path, name: str
) -> None:
    command, schema, optional = COMMANDS[name]
    words = {"IN": tone, "OUT": tmp_path / "out.wav"}
    given = [words.get(str(word), word) for word in command]
    outcome = run(*given, "--model", toy_pack, "--json")
    assert outcome.status == 0, outcome.err
    data = json.loads(outcome.out)
    needed = {field.alias or id for id, field in schema.model_fields.items() if field.is_required()}
    assert set(data) == needed | optional
    schema.model_validate_json(outcome.out, strict=True)


@pytest.mark.parametrize("schema", [*REPORTS, *PARTS], ids=lambda schema: schema.__name__)
def test_the_document_has_every_field(schema: type[Schema]) -> None:
    assert as_markdown(schema) in DOCUMENT.read_text(encoding="utf-8")


def test_no_other_field_is_printed() -> None:
    with pytest.raises(ValidationError, match="secret"):
        print_report(PaperReport, {"model": "m", "sound": "s", "figures": [], "secret": 1})
