"""The eight figures of the DreamSound paper, and their sounds, made from any sound.

What each shows is in the paper's text and in the names of the sounds that its authors publish.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..analysis.dream_settings import dream_settings
from ..analysis.offline_dream import OfflineDream
from ..arrays import Float
from ..defaults import PAPERS_PACK
from ..dsp.overview import Overview
from ..errors import InnerearError
from ..files import write_beside
from ..packs.pack import Pack, available_packs, load_pack
from .dream_files import write_sound
from .hearing_plots import sounds_figure

PAPERS_MODEL = "yamnet"
LAST_LAYERS = 3
_REPORT = "report.json"
ADDED_STEP = 0.2
"""Of figure 2, as in the paper's code."""


@dataclass(frozen=True)
class PaperFigure:
    """One figure of the paper.

    Attributes:
        number: in the paper.
        caption: what it shows.
        combine: the combination, or nothing for the sound itself.
        steps: how many.
        step: how large each is.
        last_layers: whether several layers are excited, the network's last three.
    """

    number: int
    caption: str
    combine: str | None = None
    steps: int = 0
    step: float = 1.0
    last_layers: bool = False


FIGURES = (
    PaperFigure(1, "the sound"),
    PaperFigure(2, "its gradient added, one step", "add", 1, ADDED_STEP),
    PaperFigure(3, "filtered by its gradient, one step", "filter", 1),
    PaperFigure(4, "its gradient filtered by the sound, one step", "flip", 1),
    PaperFigure(5, "the gradient alone, 10 steps", "gradient", 10),
    PaperFigure(6, "the gradient filtered by the sound, 10 steps", "flip", 10),
    PaperFigure(7, "the gradient of the last three layers, 20 steps", "gradient", 20, 1.0, True),
    PaperFigure(8, "the gradient of the last three layers, 100 steps", "gradient", 100, 1.0, True),
)


def papers_pack(device: str = "cpu") -> Pack:
    """Return YAMNet, the paper's network, where it was added, else the default pack."""
    known = PAPERS_MODEL in available_packs()
    return load_pack(PAPERS_MODEL if known else PAPERS_PACK, device=device)


def all_steps(figures: Iterable[PaperFigure] = FIGURES) -> int:
    """Return how many steps it takes to make the figures."""
    return sum(group[-1].steps for group in _recursions(figures))


def papers_files(folder: Path, figures: Iterable[PaperFigure] = FIGURES) -> list[Path]:
    """Return the files that `paper_figures` writes: a picture and a sound each, and the report."""
    return [*(file for each in figures for file in _files(folder, each)), folder / _REPORT]


def paper_figures(
    folder: Path,
    sound: Float,
    sample_rate: int,
    pack: Pack,
    name: str,
    progress: Callable[[int], None] = lambda steps: None,
    figures: Iterable[PaperFigure] = FIGURES,
) -> dict[str, Any]:
    """Make the paper's figures from one sound.

    Args:
        folder: where they go; made where it is missing. Each figure is a picture,
            `figure-1.png`, and a sound, `figure-1.wav`; `report.json` says how each was made.
        sound: float32 (channels, samples).
        sample_rate: in hertz.
        pack: the network; see `papers_pack`.
        name: of the sound, for the pictures.
        progress: called with the number of steps done, of `all_steps`.
        figures: those wanted.

    Returns:
        The report: `model`, `sound`, and `figures`, each with its number, caption, files and the
        report of its recursion.

    Raises:
        InnerearError: the folder cannot be made or written, or the sound is none.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InnerearError(f"{folder}: cannot be made ({problem.strerror})") from problem
    rows: list[dict[str, Any]] = []
    done = 0

    def keep(figure: PaperFigure, result: Float, report: dict[str, Any] | None) -> None:
        picture, file = _files(folder, figure)
        write_sound(file, result, sample_rate)
        overview = Overview.of(result, sample_rate)
        sounds_figure(picture, f"{figure.number}. {name}: {figure.caption}", [("", overview)])
        rows.append(
            {
                "number": figure.number,
                "caption": figure.caption,
                "picture": picture.name,
                "sound": file.name,
                "recursion": report,
            }
        )

    for group in _recursions(figures):
        first = group[0]
        if first.combine is None:
            keep(first, sound, None)
            continue
        layers = list(pack.layers)[-LAST_LAYERS:] if first.last_layers else ["output"]
        settings = dream_settings(
            combine=first.combine, steps=group[-1].steps, step=first.step, layer=",".join(layers)
        )
        dreaming = OfflineDream(sound, sample_rate, pack, settings)
        wanted = {figure.steps: figure for figure in group}
        for step in range(1, settings.steps + 1):
            dreaming.advance()
            done += 1
            progress(done)
            if step in wanted:
                keep(wanted[step], dreaming.result(), dreaming.report())
    rows.sort(key=lambda row: row["number"])
    found = {"model": pack.name, "sound": name, "figures": rows}
    with write_beside(folder / _REPORT) as temporary:
        temporary.write_text(json.dumps(found, indent=2) + "\n")
    return found


def _files(folder: Path, figure: PaperFigure) -> tuple[Path, Path]:
    name = f"figure-{figure.number}"
    return folder / f"{name}.png", folder / f"{name}.wav"


def _recursions(figures: Iterable[PaperFigure]) -> list[list[PaperFigure]]:
    """Return the figures, those together that are stations of one recursion, in its order."""
    groups: dict[tuple[object, ...], list[PaperFigure]] = {}
    for figure in figures:
        key = (figure.combine, figure.step, figure.last_layers)
        groups.setdefault(key, []).append(figure)
    return [sorted(group, key=lambda figure: figure.steps) for group in groups.values()]
