"""Of thinned cases the chosen ones run each time, and all of them in the soak."""

import itertools

import pytest

from .thinning import each_once, each_pair, thinned


def marks(cases: list) -> dict:
    return {case.values: [mark.name for mark in case.marks] for case in cases}


def test_all_but_the_chosen_ones_are_of_the_soak() -> None:
    assert marks(thinned("abc", ["b"])) == {("a",): ["soak"], ("b",): [], ("c",): ["soak"]}
    assert marks(thinned([(1, 2), (3, 4)], [(1, 2)])) == {(1, 2): [], (3, 4): ["soak"]}


def test_a_chosen_case_that_is_gone_is_told() -> None:
    with pytest.raises(ValueError, match="not among the cases: \\['gone'\\]"):
        thinned(["here"], ["here", "gone"])


def test_each_choice_is_there_once() -> None:
    assert each_once("abc", (1, 2)) == [("a", 1), ("b", 2), ("c", 1)]


def test_every_two_choices_meet_in_few_cases() -> None:
    cases = [*itertools.product("abc", (1, 2, 3), (False, True))]
    chosen = each_pair(cases)
    assert len(chosen) <= 10 < len(cases)
    for one, other in itertools.combinations(range(3), 2):
        met = {(case[one], case[other]) for case in chosen}
        assert met == {(case[one], case[other]) for case in cases}
