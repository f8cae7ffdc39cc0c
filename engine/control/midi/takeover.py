"""What a knob does when its parameter is elsewhere: jump, pick-up or scale."""

from typing import Literal

TakeoverMode = Literal["jump", "pick-up", "scale"]

NEAR = 3 / 128
"""A knob this close to the parameter has picked it up; as in Mixxx's soft takeover."""
IN_MOTION_SECONDS = 0.05
"""A knob that moved the parameter so recently keeps it, even if something else changes it."""
_SAME = 1e-6


class Takeover:
    """Stands between one absolute control and one parameter.

    - `jump`: the parameter goes where the knob is.
    - `pick-up`: the parameter waits until the knob comes near or passes it.
    - `scale`: the parameter moves at once, by as much as lets both reach the end together.

    All positions are the control's, 0 to 1; times are seconds of any clock that runs evenly.
    """

    def __init__(self, mode: TakeoverMode) -> None:
        """Begin without a position of the knob."""
        self.mode = mode
        self.waiting = False
        """Whether the parameter waits for the knob to come to it."""
        self.hardware: float | None = None
        """The newest position of the knob, 0 to 1; None before the first."""
        self._wanted = 0.0
        self._left_at: float | None = None
        self._moved_at = 0.0

    def move(
        self, hardware: float, parameter: float, time: float, same: bool = False
    ) -> float | None:
        """Take a new position of the knob.

        Args:
            hardware: of the knob now.
            parameter: that the knob would have at the parameter's present value.
            time: now.
            same: whether following would not change the parameter.

        Returns:
            The new position of the parameter, or None where it stays.
        """
        previous, self.hardware = self.hardware, hardware
        untouched = self._left_at is not None and abs(parameter - self._left_at) < _SAME
        if self.mode == "scale":
            wanted = self._scaled(hardware, previous, self._wanted if untouched else parameter)
        elif self.mode == "jump" or same or untouched or self._in_motion(time):
            wanted = hardware
        else:
            wanted = hardware if _picked_up(hardware, previous, parameter) else None
        self.waiting = wanted is None
        if wanted is not None:
            self._wanted, self._moved_at = wanted, time
        return wanted

    def settle(self, parameter: float) -> None:
        """Say where the parameter is after it was given the position that `move` returned."""
        self._left_at = parameter

    def _in_motion(self, time: float) -> bool:
        return self._left_at is not None and time - self._moved_at < IN_MOTION_SECONDS

    @staticmethod
    def _scaled(hardware: float, previous: float | None, parameter: float) -> float | None:
        if previous is None:
            return hardware if abs(hardware - parameter) <= NEAR else None
        if hardware > previous:
            return parameter + (hardware - previous) * (1 - parameter) / (1 - previous)
        if hardware < previous:
            return parameter - (previous - hardware) * parameter / previous
        return parameter


def _picked_up(hardware: float, previous: float | None, parameter: float) -> bool:
    if abs(hardware - parameter) <= NEAR:
        return True
    if previous is None:
        return False
    return abs(previous - parameter) <= NEAR or (previous - parameter) * (hardware - parameter) < 0
