"""Typed lines arrive one by one, however the system delivers them."""

import io
import os
import sys
from collections.abc import Callable, Iterator

import pytest

from innerear.cli.live.typed import TypedLines


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    read, write = os.pipe()
    with os.fdopen(read) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        left = [write]

        def type_in(text: str) -> None:
            if text:
                os.write(write, text.encode())
            else:
                os.close(left.pop())

        yield type_in
        for file in left:
            os.close(file)


def test_lines_come_whole(type_in: Callable[[str], None]) -> None:
    lines = TypedLines()
    assert lines.wait(0) == []
    type_in("step 1\n\nmix 0.5\nta")
    assert lines.wait(10) == ["step 1", "mix 0.5"]
    type_in("rget Brass\n")
    assert lines.wait(10) == ["target Brass"]
    type_in("freeze on")
    assert lines.wait(10) == []
    type_in("")
    assert lines.wait(10) == ["freeze on"]
    assert lines.wait(0) == []


@pytest.mark.parametrize("stdin", [None, io.StringIO("step 1\n")])
def test_without_a_terminal_there_are_none(
    monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert TypedLines().wait(0) == []
