"""What `innerear live` shows in the terminal: levels, the target, and the status."""

import math
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...engine.parameter_values import ParameterSet
from ...engine.parameters import PARAMETERS

if TYPE_CHECKING:
    from ...engine.ipc.shared_state import SoundMemory
    from ...engine.live.live_status import LiveStatus

KEYS: Mapping[str, tuple[str, str]] = {
    "p": ("panic", "panic"),
    "\x1b": ("panic", ""),
    "m": ("mute", "mute"),
    "d": ("dim", "dim"),
    "b": ("bypass", "bypass"),
    "f": ("freeze", "freeze"),
    "n": ("next-preset", "next preset"),
    "N": ("previous-preset", "previous"),
    "t": ("tap", "tap tempo"),
    "r": ("record", "record"),
}
"""Key -> the action, and what it is called on the screen."""

_BAR = 24
_FLOOR_DB = -60.0
_LEVEL_SECONDS = 0.1
_NAME_WIDTH = 44


def level_db(sound: "SoundMemory | None", side: str) -> float:
    """Return the peak of the last tenth of a second of `input` or `output`, in dB full scale."""
    if sound is None:
        return -math.inf
    count = round(_LEVEL_SECONDS * sound.sample_rate)
    peak = float(abs(getattr(sound, side).read(count)).max(initial=0.0))
    return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf


def bar(db: float, width: int = _BAR) -> str:
    """Return a level as a bar of characters, from -60 dB to full scale."""
    share = (max(db, _FLOOR_DB) - _FLOOR_DB) / -_FLOOR_DB
    filled = min(width, round(share * width))
    return "█" * filled + "·" * (width - filled)


def screen(
    status: "LiveStatus",
    parameters: ParameterSet,
    levels_db: tuple[float, float],
    typed: str | None,
    width: int,
) -> list[str]:
    """Return the lines of the display.

    Args:
        status: of the audio server.
        parameters: as they are.
        levels_db: of input and output.
        typed: what was typed of a line; None shows the keys instead.
        width: of the terminal, in characters.
    """
    age = status.dreams.age_ms
    flags = [
        parameter.title.lower()
        for parameter in PARAMETERS.values()
        if parameter.kind == "switch" and parameters.switch(parameter.id)
    ]
    if status.limited:
        flags.append("limited")
    if not status.playing:
        flags.append("waiting for the sound device")
    named = f"dreams of {status.target or '...'}"
    lines = [
        *(
            f"{name:>6} {bar(db)} {_decibels(db)}"
            for name, db in zip(("in", "out"), levels_db, strict=True)
        ),
        f"{named[:_NAME_WIDTH]:{_NAME_WIDTH}} {status.preset} {' '.join(flags)}",
        f"dream age {age.p50:.0f} ms (p99 {age.p99:.0f}), late dreams {status.dreams.late}"
        f" | load {100 * status.load:.0f} % | dropouts {status.xruns}"
        f" | {status.latency_ms:.1f} ms",
    ]
    if typed is None:
        keys = [f"{key} {title}" for key, (_, title) in KEYS.items() if title]
        lines.append("  ".join([*keys, ": parameter value", "q quit"]))
    else:
        lines.append(f":{typed}")
    return [line[: width - 1].rstrip() for line in lines]


class Display:
    """Draws the lines in place, on a terminal; draws nothing elsewhere."""

    def __init__(self) -> None:
        """Start with nothing drawn."""
        self.shown = sys.stderr.isatty()
        self._drawn = 0

    def draw(self, lines: list[str]) -> None:
        """Draw lines over those before."""
        if self.shown:
            up = f"\x1b[{self._drawn}A" if self._drawn else ""
            print(up + "".join(f"\r\x1b[2K{line}\n" for line in lines), end="", file=sys.stderr)
            sys.stderr.flush()
            self._drawn = len(lines)

    def clear(self) -> None:
        """Erase what is drawn."""
        if self._drawn:
            print(f"\x1b[{self._drawn}A\x1b[J", end="", file=sys.stderr, flush=True)
            self._drawn = 0

    def say(self, text: str) -> None:
        """Print a line that stays, above what is drawn."""
        self.clear()
        print(text, file=sys.stderr, flush=True)


def _decibels(db: float) -> str:
    return f"{db:6.1f} dB" if db > -100.0 else "    -inf dB"
