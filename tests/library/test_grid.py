"""What a grid of settings is, and how it is written."""

from collections import Counter
from pathlib import Path

import pytest

from innerear.engine.errors import InnerearError, LibraryError
from innerear.library.plan import Grid, batches, plan, read_grid, read_settings


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("model = ['a'", "is no TOML"),
        ("models = ['a']", "no key 'models'. Did you mean model, method?"),
        ("settings = 3", "settings is a table"),
        ("a = " + "[" * 100_000, "is no TOML"),
        ("#" * 2_000_000, "is no TOML: it is longer than"),
        ("[settings]\nstep = []", "step is an empty list"),
        ("[settings]\nstep = [{a = 1}]", "step takes a value or a list"),
    ],
)
def test_a_grid_that_cannot_be_read_is_one_line(text: str, line: str, tmp_path: Path) -> None:
    (tmp_path / "grid.toml").write_text(text)
    with pytest.raises(LibraryError) as refused:
        read_grid(tmp_path / "grid.toml")
    assert line in str(refused.value)


def test_a_grid_is_every_combination_network_by_network(tmp_path: Path) -> None:
    (tmp_path / "grid.toml").write_text(
        'model = ["samplecnn-digits", "samplecnn-instruments,stftcnn-instruments:0.5"]\n'
        'target = ["one", "Brass"]\nmethod = "maximise"\njudge = "none"\n'
        "[settings]\nsteps = [2, 3]\nseed = 1\n"
    )
    items = plan([], read_grid(tmp_path / "grid.toml"))
    assert Counter(item.model for item in items) == {
        "samplecnn-digits": 4,
        "samplecnn-instruments,stftcnn-instruments:0.5": 4,
    }
    assert items[0].settings == (("seed", 1.0), ("steps", 2.0))
    assert [len(batch) for batch in batches(items, 1, 16)] == [2, 2, 2, 2]
    assert [{item.model for item in batch} for batch in batches(items, 1, 3)][1:3] != []
    assert all(len({item.model for item in batch}) == 1 for batch in batches(items, 1, 3))


def test_settings_are_written_with_an_equals_sign() -> None:
    assert read_settings(["step=0.5, 1", "n-fft=512"]) == {"step": ("0.5", "1"), "n_fft": ("512",)}
    for wrong in ("step", "=1", "step=", "step=1,,2"):
        with pytest.raises(InnerearError, match="write it as step="):
            read_settings([wrong])


def test_a_grid_of_more_than_can_be_listed_is_refused() -> None:
    settings = {"seed": tuple(range(10_000)), "steps": tuple(range(10_000))}
    with pytest.raises(LibraryError, match=r"1e\+08 combinations"):
        plan([], Grid(methods=("maximise",), targets=("0",), settings=settings))
