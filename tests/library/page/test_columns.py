"""What can be chosen by, and how it is said in SQL."""

from pathlib import Path

import pytest

from innerear.engine.errors import LibraryError
from innerear.library.library import Library
from innerear.library.page.columns import setting_parameters
from innerear.library.page.conditions import read_filter, where
from innerear.library.query import setting_columns
from innerear.library.table import COLUMNS


def test_every_column_that_the_page_may_offer_can_be_asked_for(folder: Path) -> None:
    """None of their names has a meaning of its own in SQL."""
    settings = {id: setting_columns()[id] for id in setting_parameters()}
    numbers = [name for name, (kind, _) in COLUMNS.items() if kind in ("number", "integer")]
    numbers += [name for name, sql in settings.items() if "DOUBLE" in sql]
    texts = [name for name, (kind, _) in COLUMNS.items() if kind == "text"]
    texts += [name for name in settings if name not in numbers]
    between = [{"kind": "between", "column": each, "low": -1, "high": 1e-7} for each in numbers]
    one_of = [{"kind": "one-of", "column": each, "values": ["it's", '"']} for each in texts]
    conditions = [*between, *one_of]
    assert len(conditions) > 40
    library = Library(folder)
    for start in range(0, len(conditions), 32):
        chosen = read_filter({"conditions": conditions[start : start + 32]})
        assert len(library.find(where(chosen, [*numbers, *texts]))) == 0


@pytest.mark.parametrize(
    "data",
    [
        {"conditions": [{"kind": "between", "column": "step", "low": 0}]},
        {"conditions": [{"kind": "contains", "column": "sound", "text": "x" * 501}]},
        {"conditions": [{"kind": "one-of", "column": "sound", "values": ["x"] * 1001}]},
        {"conditions": [{"kind": "contains", "column": "sound", "text": "x"}] * 65},
        {"items": [1]},
        {"sql": "true"},
        [],
        None,
    ],
)
def test_what_is_no_filter_is_refused_in_one_line(data: object) -> None:
    with pytest.raises(LibraryError, match="This is no filter") as refused:
        read_filter(data)
    assert "\n" not in str(refused.value)
