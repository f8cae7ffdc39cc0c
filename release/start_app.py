"""The program that needs no Python: without arguments the window, else the command `innerear`."""

import multiprocessing
import runpy
import sys
from collections.abc import Sequence


def start(arguments: Sequence[str]) -> int:
    """Do what the arguments say, and return the exit status.

    Innerear starts its other processes as `python -m innerear.a.module`, and the desktop entry runs
    this program; so `-m` and a module of ours run that, as Python would.
    """
    if arguments[:1] == ["-m"] and arguments[1:] and arguments[1].startswith("innerear."):
        sys.argv = list(arguments[1:])
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return 0
    from innerear.cli import main

    return main(arguments or ["gui"])


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(start(sys.argv[1:]))
