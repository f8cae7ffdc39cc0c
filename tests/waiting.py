"""How the tests of the window wait."""

from collections.abc import Callable

from pytestqt.qtbot import QtBot

PATIENCE_MS = 60_000
"""So long a machine may be busy with something else; nobody waits longer than it takes."""


def wait_until(qtbot: QtBot, true: Callable[[], bool | None]) -> None:
    """Let the window work until something is true, or no longer fails; the test fails if never.

    Args:
        qtbot: of pytest-qt.
        true: asked again and again; None is as good as true.
    """
    qtbot.waitUntil(true, timeout=PATIENCE_MS)
