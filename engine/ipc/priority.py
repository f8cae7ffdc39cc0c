"""Real-time priority for a thread that shares the interpreter's lock with the audio callback."""

import os
from contextlib import suppress


def ask_for_priority() -> None:
    """Let the calling thread run before other programs, if the system grants it.

    A thread that holds the interpreter's lock while the system puts it aside keeps the audio
    callback waiting for as long, whatever priority the callback has.
    """
    if not hasattr(os, "SCHED_RESET_ON_FORK"):
        return
    with suppress(OSError):  # without it the sound plays all the same
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK  # for this thread, not for those it starts
        os.sched_setscheduler(0, policy, os.sched_param(1))
