"""What happens in a soak and when: a plan that a seed repeats."""

import random
from dataclasses import dataclass

SETTLE_SECONDS = 3.0
"""Nothing is planned for the beginning."""
QUIET_END_SECONDS = 5.0
"""Nothing is planned for the end."""


@dataclass(frozen=True)
class Step:
    """One thing that happens.

    Attributes:
        at: seconds from the beginning.
        action: a key of `EVERY_SECONDS`.
        chance: seed of what the action itself leaves to chance.
    """

    at: float
    action: str
    chance: int


EVERY_SECONDS = {
    "midi burst": 4.0,
    "midi rubbish": 15.0,
    "preset": 5.0,
    "model": 12.0,
    "parameters": 3.0,
    "drive": 20.0,
    "morph": 15.0,
    "panic": 40.0,
    "mute": 30.0,
    "bypass": 25.0,
    "source": 8.0,
    "target sound": 45.0,
    "osc": 10.0,
    "requests": 20.0,
    "record": 40.0,
    "record to a full disk": 120.0,
    "client comes and is killed": 60.0,
    "window comes": 150.0,
    "kill the window": 150.0,
    "kill a network": 120.0,
    "kill the audio server": 300.0,
    "kill the sound card": 240.0,
    "library": 30.0,
    "plug-in": 60.0,
    "file": 90.0,
}
"""How often each action is planned, on average; each at least once in every soak."""

ENDINGS = ("kill the window", "kill the audio server", "kill the sound card", "plug-in")
"""What ends a process whose memory is counted. All but one come in the last third of a soak, since
a slow leak is seen in what lives long. The plug-in, which comes and goes in turns, comes first."""
LAST = 2 / 3


def plan(seconds: float, seed: int) -> list[Step]:
    """Return all that happens, in order.

    Args:
        seconds: that the soak lasts.
        seed: of chance; the same seed and length give the same plan.
    """
    chance = random.Random(seed)
    span = max(0.0, seconds - SETTLE_SECONDS - QUIET_END_SECONDS)
    steps = [Step(SETTLE_SECONDS, "plug-in", chance.randrange(1 << 30))]
    for action, every in EVERY_SECONDS.items():
        count = max(1, round(seconds / every))
        begin = LAST if action in ENDINGS else 0.0
        for number in range(count):
            # One in each equal part of the time, anywhere in it.
            share = begin + (1.0 - begin) * (number + chance.random()) / count
            steps.append(Step(SETTLE_SECONDS + span * share, action, chance.randrange(1 << 30)))
    return sorted(steps, key=lambda step: step.at)
