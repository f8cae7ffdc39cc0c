"""Play for hours while everything happens that may: `python -m tests.soak --help`."""

import argparse
import os
import re
import shutil
import sys
from pathlib import Path

_APART = "INNEREAR_SOAK_APART"
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """Return the seconds that `90`, `90s`, `10m` or `8h` means."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; write 90s, 10m or 8h")
    return float(found[1]) * _UNITS[found[2] or "s"]


def _go_apart() -> bool:
    """Run this program again with a /dev/shm of its own, where the user may; return whether it has.

    Then all that lies there is ours, and other sound servers of the machine are left alone.
    """
    if _APART in os.environ:
        return os.environ[_APART] == "yes"
    unshare = shutil.which("unshare")
    if unshare is None or os.getuid() != 0:
        return False
    script = (
        f'mount -t tmpfs tmpfs /dev/shm && export {_APART}=yes || export {_APART}=no; exec "$@"'
    )
    again = [sys.executable, "-m", "tests.soak", *sys.argv[1:]]
    os.execv(unshare, ["unshare", "--mount", "sh", "-c", script, "sh", *again])
    return False


def main() -> None:
    """Read the options, soak, and end with status 1 where something failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("duration", nargs="?", type=seconds, default=seconds("10m"))
    parser.add_argument("--seed", type=int, default=1, help="of chance: the same plan again")
    parser.add_argument("--output", type=Path, help="a folder: the report")
    parser.add_argument("--plugin", type=Path, help="a folder of built bundles")
    parser.add_argument(
        "--offline",
        action="store_true",
        help="instead, play hostile sounds through every setting, on all cores, and no sound card",
    )
    parser.add_argument("--hours", type=float, help="of sound, with --offline; else the whole grid")
    options = parser.parse_args()
    output = options.output or Path("soak") / ("offline" if options.offline else "live")
    if options.offline:
        from .offline import offline

        sys.exit(0 if offline(options.hours, options.seed, output) else 1)
    apart = _go_apart()
    from .soak import soak

    verdicts = soak(options.duration, options.seed, output, apart, options.plugin)
    sys.exit(0 if all(verdict.passed for verdict in verdicts) else 1)


if __name__ == "__main__":
    main()
