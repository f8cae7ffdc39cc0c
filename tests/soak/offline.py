"""Plays hostile sounds through the grid on all cores, and looks for what is too loud."""

import json
import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np

from innerear.engine.control.presets import load_preset
from innerear.engine.cores import cores
from innerear.engine.errors import InnerearError
from innerear.engine.packs.network import PackLike
from innerear.engine.packs.resolve import load
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.plugin.processor import Processor
from innerear.engine.plugin.render import process_stream

from .grid import CELL_SECONDS, PART_SECONDS, Cell, grid, hostile_sound
from .hearing import Hearing

PROGRESS_SECONDS = 10.0
LOUDEST_KEPT = 5


@dataclass(frozen=True)
class Played:
    """What was heard in one cell.

    Attributes:
        cell: its settings, in words.
        seconds: of sound.
        peak: the largest sample.
        burst_db: how much louder the loudest tenth of a second was than all that had come in.
        above, not_numbers: samples that must not be.
        resets: how often the dream began anew because of numbers that are none.
        refused: why such a setting cannot be played, in the program's own words.
        fault: what else was raised, which nothing may.
    """

    cell: str
    seconds: float = 0.0
    peak: float = 0.0
    burst_db: float = -np.inf
    above: int = 0
    not_numbers: int = 0
    resets: int = 0
    refused: str = ""
    fault: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing was found that must not be."""
        return not (self.above or self.not_numbers or self.fault)


_load = cache(load)


def play(
    cell: Cell, network: Callable[[str], PackLike] = _load, part_seconds: float = PART_SECONDS
) -> Played:
    """Play all hostile sounds in one cell.

    Args:
        cell: the settings.
        network: returns the network of the parameter `model`.
        part_seconds: of each sound.
    """
    sound = hostile_sound(cell.rate, part_seconds)
    try:
        values = {**load_preset(cell.preset).values(), **cell.chosen, **cell.extremes}
        parameters = ParameterSet()
        for id, value in values.items():
            parameters.set(id, value)
        processor = Processor(network(str(values["model"])), parameters)
        processor.prepare(cell.rate, cell.block_size, len(sound))
        with np.errstate(all="ignore"):
            out = np.concatenate(list(process_stream(processor, [sound])), axis=1)
    except InnerearError as problem:
        return Played(str(cell), refused=str(problem))
    except Exception:  # whatever it is, it is a finding
        return Played(str(cell), fault=traceback.format_exc())
    gain = 10 ** ((float(cell.extremes["input_db"]) + float(cell.extremes["output_db"])) / 20)
    return judge(str(cell), gain * sound, out, cell.rate, processor.nan_resets)


def judge(cell: str, came_in: np.ndarray, out: np.ndarray, rate: int, resets: int = 0) -> Played:
    """Return what is to be said of a sound.

    Args:
        cell: in words.
        came_in: (1, samples), with all gains.
        out: of the same shape.
        rate: in hertz.
        resets: see `Played`.
    """
    hearing = Hearing()
    hearing.hear(list(out))
    heard = hearing.take()
    return Played(
        cell,
        out.shape[1] / rate,
        heard["peak"],
        burst_db(came_in, out, rate),
        heard["above"],
        heard["not_numbers"],
        resets,
    )


def burst_db(came_in: np.ndarray, out: np.ndarray, rate: int) -> float:
    """Return how much louder a tenth of a second was than the loudest that had come in by then.

    Levels are RMS, and what came in counts as full scale at most.
    """
    before = np.maximum.accumulate(np.minimum(_levels(came_in, rate), 1.0))
    with np.errstate(divide="ignore"):
        return float((20 * np.log10(_levels(out, rate) / np.maximum(before, 1e-4))).max())


def _levels(sound: np.ndarray, rate: int) -> np.ndarray:
    window = rate // 10
    squares = np.square(np.nan_to_num(sound[0].astype(float), posinf=0.0, neginf=0.0))
    squares = np.pad(squares, (0, max(0, window - len(squares))))
    frames = np.lib.stride_tricks.sliding_window_view(squares, window)[:: window // 4]
    return np.asarray(np.sqrt(frames.mean(axis=1)))


def offline(hours: float | None, seed: int, output: Path) -> bool:
    """Play the grid, or a share of it, on all cores, and write `report.json` and `report.md`.

    Args:
        hours: of sound; None for the whole grid.
        seed: of the order and of the extremes.
        output: a folder.

    Returns:
        Whether all passed.
    """
    cells = grid(seed)
    whole = len(cells)
    if hours is not None:
        cells = cells[: max(1, round(3600 * hours / CELL_SECONDS))]
    output.mkdir(parents=True, exist_ok=True)
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    begun = told = time.monotonic()
    played: list[Played] = []
    try:
        for each in _on_all_cores(cells):
            played.append(each)
            if not each.passed:
                print(f"FAILED: {each}", flush=True)
            if time.monotonic() - told > PROGRESS_SECONDS or len(played) == len(cells):
                told = time.monotonic()
                print(summary(played, len(cells), told - begun), flush=True)
    except KeyboardInterrupt:
        print("interrupted; the report is of what was played", flush=True)
    write_offline_report(output, played, whole, seed, time.monotonic() - begun)
    return all(each.passed for each in played)


def _on_all_cores(cells: Sequence[Cell]) -> Iterator[Played]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores(), mp_context=context) as pool:
        waiting = iter(cells)
        # A few at a time, so that an interrupt does not wait for all.
        running = [pool.submit(play, cell) for cell in islice(waiting, 2 * cores())]
        while running:
            yield running.pop(0).result()
            running += [pool.submit(play, cell) for cell in islice(waiting, 1)]


def summary(played: Sequence[Played], planned: int, took: float) -> str:
    """Return one line on what was played so far."""
    seconds = sum(each.seconds for each in played)
    return (
        f"{len(played)} of {planned} cells, {seconds / 3600:.2f} h of sound at"
        f" {seconds / max(took, 1e-9):.1f} times real time; largest sample"
        f" {max(each.peak for each in played):.4f}, largest burst"
        f" {max(each.burst_db for each in played):+.1f} dB;"
        f" {sum(not each.passed for each in played)} failed"
    )


def write_offline_report(
    output: Path, played: Sequence[Played], whole: int, seed: int, took: float
) -> None:
    """Write `report.json` and `report.md`.

    Args:
        output: a folder that is there.
        played: at least one cell.
        whole: cells in the whole grid.
        seed: of the order.
        took: in seconds.
    """
    about = {
        "passed": bool(played) and all(each.passed for each in played),
        "seed": seed,
        "cells": len(played),
        "cells in the whole grid": whole,
        "hours of sound": sum(each.seconds for each in played) / 3600,
        "hours it took": took / 3600,
        "processes": cores(),
        "largest sample": max((each.peak for each in played), default=0.0),
        "largest burst in dB": max((each.burst_db for each in played), default=-np.inf),
        "samples above full scale": sum(each.above for each in played),
        "samples that are no numbers": sum(each.not_numbers for each in played),
        "exceptions": sum(bool(each.fault) for each in played),
        "settings refused": sum(bool(each.refused) for each in played),
        "resets": sum(each.resets for each in played),
    }
    bursts = sorted(played, key=lambda each: -each.burst_db)[:LOUDEST_KEPT]
    failed = [each for each in played if not each.passed]
    data = {
        **about,
        "failed": [asdict(each) for each in failed],
        "largest bursts": [asdict(each) for each in bursts],
    }
    (output / "report.json").write_text(json.dumps(data, indent=1))
    lines = [
        f"# The grid of loudness: {'passed' if about['passed'] else 'FAILED'}",
        "",
        *(f"- {name}: {value}" for name, value in about.items()),
        "",
        "Largest bursts:",
        "",
        *(
            f"- {each.burst_db:+.1f} dB, largest sample {each.peak:.4f}: {each.cell}"
            for each in bursts
        ),
        "",
        *(f"```\n{each}\n{each.fault}\n```" for each in failed),
    ]
    (output / "report.md").write_text("\n".join(lines) + "\n")
