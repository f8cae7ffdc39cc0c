"""Runs one long job in its own process: `python -m innerear.gui.jobs.job_process REQUEST`.

The request is JSON on the command line. The process writes lines of JSON to stdout: `progress` (0
to 1) with `what` is being done, then `done` with a message for the user, or `error`. The window's
process thus never loads torch, and a job is stopped by ending its process, which takes its
unfinished files away: packs and files are written whole or not at all.
"""

import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...engine.errors import InnerearError

Request = Mapping[str, Any]


def _write(**line: object) -> None:
    print(json.dumps(line), flush=True)


@contextmanager
def _progress(title: str, total: float) -> Iterator[Callable[[float], None]]:
    """Write the progress of a job; yield a function that takes how much of `total` is done."""
    last = -1

    def advance(done: float) -> None:
        nonlocal last
        percent = int(100 * done / total)
        if percent != last:
            last = percent
            _write(progress=percent / 100, what=title)

    advance(0.0)
    yield advance


def _as_share(advance: Callable[[float], None]) -> Callable[[int, int], None]:
    """Return what reports samples, of those in all, as a share."""
    return lambda done, total: advance(done / max(1, total))


def _add_yamnet(request: Request) -> str:
    from ...models.training.add_yamnet import add_yamnet

    weights = request.get("weights")
    place, known = add_yamnet(Path(weights) if weights else None, _progress)
    return f"Added {place.name}." + ("" if known else " Its weights are not Google's own file.")


def _add_folder(request: Request) -> str:
    from ...engine.packs.store import add_folder

    with _progress("verifying the pack", 1.0):
        return f"Added {add_folder(request['folder']).name}."


def _verify(request: Request) -> str:
    from ...engine.packs.pack import load_pack
    from ...engine.packs.verify import verify

    with _progress(f"verifying {request['name']}", 1.0):
        verify(load_pack(request["name"]).folder)
    return f"{request['name']} is verified: its files, its graphs, and what they compute."


def _remove(request: Request) -> str:
    from ...engine.packs.store import remove_pack

    remove_pack(request["name"])
    return f"Removed {request['name']}."


def _teach(request: Request) -> str:
    from ...engine.packs.pack import load_pack
    from ...models.training.teach import teach

    with _progress("teaching", 1.0) as advance:
        lesson = teach(
            load_pack(request["model"]), request["name"], Path(request["folder"]), advance=advance
        )
    count = len(lesson.sounds)
    return f"Taught {request['name']} {count} classes; {lesson.accuracy:.0%} correct in a test."


def _export(request: Request) -> str:
    from ...engine.parameter_values import ParameterSet
    from ...engine.plugin.render import render_file

    destination = Path(request["destination"])
    with _progress(f"exporting {destination.name}", 1.0) as advance:
        render_file(
            Path(request["source"]),
            destination,
            ParameterSet(**request["parameters"]),
            progress=_as_share(advance),
        )
    return f"Exported {destination}."


def _replay(request: Request) -> str:
    from ...engine.replay.replay import replay

    folder = Path(request["folder"])
    destinations: dict[str, str] = request["destinations"]
    for part, destination in destinations.items():
        named = f", part {part}" if len(destinations) > 1 else ""
        with _progress(f"replaying {folder.name}{named}", 1.0) as advance:
            replay(
                folder,
                Path(destination),
                part=int(part),
                progress=_as_share(advance),
            )
    return f"Replayed into {', '.join(destinations.values())}."


_JOBS: Mapping[str, Callable[[Request], str]] = {
    "add-yamnet": _add_yamnet,
    "add-folder": _add_folder,
    "verify": _verify,
    "remove": _remove,
    "teach": _teach,
    "export": _export,
    "replay": _replay,
}


def main(request: Request) -> None:
    """Run one job; write its progress and its result. SIGTERM ends it, and its unfinished files."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        _write(done=_JOBS[request["do"]](request))
    except InnerearError as problem:
        _write(error=str(problem))
    except ModuleNotFoundError as problem:
        _write(
            error=f"This needs {problem.name}, which the base installation leaves out; install"
            " with: pip install 'innerear[torch]'"
        )


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
