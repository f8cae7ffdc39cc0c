"""Program numbers, and which preset comes next."""

import pytest

from innerear.engine.control.preset_order import SHIPPED, in_order, steps_from
from innerear.engine.control.presets import SHIPPED_FOLDER


def test_every_shipped_preset_has_a_number_and_the_first_ones_keep_theirs() -> None:
    assert sorted(SHIPPED) == sorted(path.stem for path in SHIPPED_FOLDER.glob("*.json"))
    numbers = {name: number for number, name in enumerate(SHIPPED, 1)}
    fixed = {"bass-below": 1, "brass-halo": 4, "no-waiting": 14, "tunnel-drone": 26}
    assert {name: numbers[name] for name in fixed} == fixed
    assert len(numbers) == len(SHIPPED) >= 27


def test_the_users_presets_move_no_number() -> None:
    assert in_order({"a-mine", "z-mine", *SHIPPED}) == [*SHIPPED, "a-mine", "z-mine"]
    assert in_order({"tunnel-drone", "aaa", "brass-halo"}) == ["brass-halo", "tunnel-drone", "aaa"]


@pytest.mark.parametrize(
    ("current", "direction", "order"),
    [
        ("a", 1, "bca"),
        ("c", 1, "abc"),
        ("a", -1, "cba"),
        ("", 1, "abc"),
        ("", -1, "cba"),
        ("gone", 1, "abc"),
    ],
)
def test_every_preset_comes_once_the_next_one_first(
    current: str, direction: int, order: str
) -> None:
    assert list(steps_from(["a", "b", "c"], current, direction)) == list(order)


def test_without_presets_none_comes() -> None:
    assert list(steps_from([], "", 1)) == []
