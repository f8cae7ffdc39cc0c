"""The report of a soak: JSON, a page in Markdown, and a picture of each counter over time."""

import json
import os
import platform
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from .verdicts import Verdict

if TYPE_CHECKING:
    from .soak import Soak

COUNTERS = ("memory", "descriptors", "threads", "sockets")


def write_report(
    folder: Path, done: "Soak", verdicts: Sequence[Verdict], seed: int, apart: bool
) -> None:
    """Write `report.json`, `report.md` and `counters.png`.

    Args:
        folder: that is there.
        done: what was found.
        verdicts: on it.
        seed: of chance.
        apart: whether the soak had a /dev/shm of its own.
    """
    loads = [sample.load for sample in done.samples]
    about = {
        "seconds": round(done.now, 1),
        "seed": seed,
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "cores": os.cpu_count(),
        "load average": f"{min(loads):.1f} to {max(loads):.1f}" if loads else "",
        "samples heard": done.stage.heard["samples"],
        "actions": len(done.events),
        "own /dev/shm": apart,
    }
    passed = all(verdict.passed for verdict in verdicts)
    data = {
        "passed": passed,
        "about": about,
        "verdicts": [{**asdict(verdict), "passed": verdict.passed} for verdict in verdicts],
        "faults": done.faults,
        "events": done.events,
        "samples": [asdict(sample) for sample in done.samples],
    }
    (folder / "report.json").write_text(json.dumps(data))
    _draw(folder / "counters.png", done)
    lines = [
        f"# A soak of {done.now / 60:.1f} minutes: {'passed' if passed else 'FAILED'}",
        "",
        *(f"- {name}: {value}" for name, value in about.items()),
        "",
        "| counter | rule | found | limit | typical | |",
        "| --- | --- | ---: | ---: | ---: | --- |",
        *map(_row, verdicts),
        "",
        "What must be flat is found by the median of the slopes between all pairs of counts of a"
        " process, times the length of the soak.",
        "",
        "![Each counter over time](counters.png)",
        "",
        *(f"```\n{fault.rstrip()}\n```" for fault in done.faults),
    ]
    (folder / "report.md").write_text("\n".join(lines) + "\n")


def _row(verdict: Verdict) -> str:
    unit = 1e6 if verdict.name.startswith("memory of") else 1.0
    suffix = " MB" if unit > 1 else ""
    numbers = [f"{value / unit:.6g}{suffix}" for value in (verdict.value, verdict.limit)]
    if verdict.rule == "counted":
        return f"| {verdict.name} | counted | {numbers[0]} | | | |"
    level = f"{verdict.level / unit:.6g}{suffix}" if verdict.rule == "must be flat" else ""
    word = "well" if verdict.passed else "**FAILED**"
    return f"| {verdict.name} | {verdict.rule} | {numbers[0]} | {numbers[1]} | {level} | {word} |"


def _draw(path: Path, done: "Soak") -> None:
    """Draw each counter of each kind of process over time, with the kills as lines."""
    from matplotlib.figure import Figure

    series: dict[str, dict[str, dict[float, float]]] = {
        name: defaultdict(lambda: defaultdict(float)) for name in COUNTERS
    }
    for sample in done.samples:
        for process in sample.processes:
            for name in COUNTERS:
                value = getattr(process, name) / (1e6 if name == "memory" else 1)
                series[name][process.kind][sample.at / 60] += value
    totals = list(done.samples[0].totals) if done.samples else []
    figure = Figure(figsize=(11, 2.6 * (len(COUNTERS) + 2)), layout="constrained")
    axes = figure.subplots(len(COUNTERS) + 2, 1, sharex=True)
    for axis, name in zip(axes, COUNTERS, strict=False):
        for kind, values in sorted(series[name].items()):
            axis.plot(list(values), list(values.values()), linewidth=0.9, label=kind)
        axis.set_title(f"{name}{' in MB' if name == 'memory' else ''}", loc="left")
    axes[0].legend(ncols=5, fontsize=7, frameon=False)
    minutes = [sample.at / 60 for sample in done.samples]
    for name in totals:
        axes[-2].plot(minutes, [sample.totals[name] for sample in done.samples], label=name)
    axes[-2].plot(minutes, [len(sample.zombies) for sample in done.samples], label="zombies")
    axes[-2].set_title("what lies about", loc="left")
    axes[-2].legend(fontsize=7, frameon=False)
    axes[-1].plot(minutes, [sample.load for sample in done.samples], color="0.4")
    axes[-1].set_title("load average of the machine", loc="left")
    axes[-1].set_xlabel("minutes")
    for at, action in done.events:
        if action.startswith("kill"):
            for axis in axes:
                axis.axvline(at / 60, color="0.85", linewidth=0.5, zorder=0)
    figure.savefig(path, dpi=110)
