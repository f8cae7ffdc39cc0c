"""Renews the pictures of the documents: `python -m innerear.docs.making.pictures [NAME ...]`.

Without names, all that can be made with what is at hand; the others are listed with what they need.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path

from PIL import Image

from innerear.docs.making.markdown import cell, table

DOCS = Path(__file__).resolve().parents[1]
WORDS: Mapping[str, list[str]] = {
    "innerear": [sys.executable, "-m", "innerear.cli"],
    "python": [sys.executable],
}
"""First word of a command -> what is run for it."""


@dataclass(frozen=True)
class Picture:
    """A picture of the documents.

    Attributes:
        commands: what makes it, as typed, one after the other in an empty folder.
        made: the file among those that appear there.
        needs: what has to be there besides an installation for development, or nothing. `{key}`
            in the commands is a file or folder that the caller names by `--with key=PATH`.
    """

    commands: tuple[str, ...]
    made: str
    needs: str = ""


_DEMO = "innerear demo demo-output"
_SPECTRA = ("innerear spectra samplecnn-digits -o spectra",)
_FINDING = "python -m innerear.models.studies.findings {name} --folder {{training}} --output ."
_BANK = (
    "the folder `training` of sounds, or fluidsynth, fluid-soundfont-gm and espeak-ng to make it"
)
_WINDOW = (
    "xvfb-run -a -s '-screen 0 1920x1080x24' env QT_QPA_PLATFORM=xcb "
    "python -m innerear.gui.dev.screenshots .",
)


def _finding(name: str) -> Picture:
    return Picture((_FINDING.format(name=name),), f"{name}.png", _BANK)


PICTURES: Mapping[str, Picture] = {
    "demo.png": Picture((_DEMO,), "demo-output/figure.png"),
    "dream.png": Picture(
        (
            _DEMO,
            'innerear dream demo-output/phrase.wav dreamed.wav --target "Singing voice" '
            "--figure dream.png",
        ),
        "dream.png",
    ),
    "judged.png": Picture(
        ("python -m innerear.models.studies.draw_judges judged.png",),
        "judged.png",
        "YAMNet: `innerear models add yamnet`",
    ),
    "gui.png": Picture(_WINDOW, "gui.png", "jackd and xvfb"),
    "gui-stage.png": Picture(_WINDOW, "gui-stage.png", "jackd and xvfb"),
    "library-page.png": Picture(
        ("python -m innerear.docs.making.library_picture {sounds} library-page.png",),
        "library-page.png",
        "chromium, and a folder `sounds` of eight sounds",
    ),
    "figures/filters.png": Picture(
        ("innerear filters stftcnn12-instruments --figure filters.png",), "filters.png"
    ),
    "figures/maximise-process.png": Picture(
        (
            "innerear maximise samplecnn-digits output seven -o seven.wav "
            "--process maximise-process.png",
        ),
        "maximise-process.png",
    ),
    "figures/one-layer.png": Picture(
        (
            "innerear train samplecnn-digits --only each --epochs 1 --data {digits} "
            "--folder training",
        ),
        "training/samplecnn-digits/one-layer.png",
        "the folder `digits` of recordings (free-spoken-digit-dataset)",
    ),
    "figures/onsets.png": _finding("onsets"),
    "figures/onsets-phrase.png": Picture(
        (
            _DEMO,
            'python -c "from innerear.engine.dsp.demo_phrase import onset_seconds as o; '
            "open('onsets.txt', 'w').write('\\n'.join(map(str, o())))\"",
            "innerear auralise demo-output/phrase.wav --layer conv1 --onsets onsets.txt "
            "--rank-onsets --figure onsets-phrase.png",
        ),
        "onsets-phrase.png",
    ),
    "figures/spectra-digits.png": Picture(_SPECTRA, "spectra/spectra.png"),
    "figures/spectra-digits-peaks.png": Picture(_SPECTRA, "spectra/peaks.png"),
    "figures/spectra-digits-conv1-filters.png": Picture(
        ("innerear spectra samplecnn-digits --layer conv1 --parameterisation filter -o conv1",),
        "conv1/filters.png",
    ),
    "figures/spectra-wavelets-filters.png": Picture(
        ("innerear spectra wavelet-instruments --layer wavelets -o wavelets",),
        "wavelets/filters.png",
    ),
    "figures/switched-off.png": _finding("switched-off"),
    "figures/transposition.png": _finding("transposition"),
}
"""Path of a picture below `docs/` -> what makes it."""

DRAWN_BY_HAND = ("data-flow.svg",)


def page() -> str:
    """Return the page in Markdown: every picture with its commands."""
    lines = [
        "# Pictures",
        "",
        "`make pictures` renews the pictures of these documents; "
        "`python -m innerear.docs.making.pictures NAME` renews one. "
        f"Drawn by hand: {', '.join(f'`{name}`' for name in DRAWN_BY_HAND)}.",
        "",
        *table(("picture", "made by", "needs"), starmap(_cells, PICTURES.items())),
    ]
    return "\n".join(lines) + "\n"


def _cells(name: str, picture: Picture) -> tuple[str, str, str]:
    commands = "<br>".join(f"`{cell(each)}`" for each in picture.commands)
    return f"`{name}`", commands, cell(picture.needs)


def renew(names: list[str], given: Mapping[str, str]) -> None:
    """Make pictures and put them in the place of the old ones.

    Args:
        names: keys of `PICTURES`; those with the same commands are made at once.
        given: paths for the fields of the commands.

    Raises:
        CalledProcessError: a command failed.
        FileNotFoundError: a command did not make its picture.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        groups.setdefault(PICTURES[name].commands, []).append(name)
    for commands, together in groups.items():
        with tempfile.TemporaryDirectory() as folder:
            for command in commands:
                print(command, flush=True)
                subprocess.run(_words(command, given), cwd=folder, check=True, env=_environment())
            for name in together:
                keep(Path(folder) / PICTURES[name].made, DOCS / name)
                print(f"renewed {DOCS / name}", flush=True)


def keep(made: Path, place: Path) -> None:
    """Store a picture with a palette of 256 colours: a third of the bytes.

    The palette covers the colours that there are, however few pixels have them, so that each pixel
    stays within a few steps of 255.

    Args:
        made: the picture.
        place: the PNG file to write.
    """
    with Image.open(made) as picture:
        few = picture.convert("RGB").quantize(
            256, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE
        )
        few.save(place, optimize=True)


def _words(command: str, given: Mapping[str, str]) -> list[str]:
    words: list[str] = []
    for word in shlex.split(command):
        words += WORDS.get(word, [word.format(**given) if word.startswith("{") else word])
    return words


def _environment() -> dict[str, str]:
    """Return the environment, in which `innerear` is found from any folder."""
    here = str(DOCS.parents[1]) if DOCS.parent.name == "innerear" else ""
    paths = [each for each in (os.environ.get("PYTHONPATH", ""), here) if each]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def main(arguments: list[str] | None = None) -> None:
    """Renew pictures."""
    parser = argparse.ArgumentParser(
        prog="python -m innerear.docs.making.pictures",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("names", nargs="*", choices=[*PICTURES, []], metavar="NAME")
    parser.add_argument(
        "--with",
        dest="given",
        action="append",
        default=[],
        metavar="KEY=PATH",
        help="a file or folder that a command needs: training, digits, sounds",
    )
    chosen = parser.parse_args(arguments)
    given = dict(each.split("=", 1) for each in chosen.given)
    left_out = {name: each.needs for name, each in PICTURES.items() if each.needs}
    names = chosen.names or [name for name in PICTURES if name not in left_out]
    renew(names, {key: str(Path(path).resolve()) for key, path in given.items()})
    if not chosen.names:
        for name, needs in left_out.items():
            print(f"left out {name}: it needs {needs}")


if __name__ == "__main__":
    main()
