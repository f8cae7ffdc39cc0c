"""Makes the page of sounds: `python -m innerear.docs.making.sounds FOLDER`.

Every sound is computed, dreamed into as `innerear render` does it, and drawn.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from innerear.docs.making.markdown import fenced
from innerear.docs.making.source_sounds import SOUNDS
from innerear.engine.arrays import Float
from innerear.engine.control.presets import load_preset
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE
from innerear.engine.dsp.overview import Overview
from innerear.engine.io.audio_files import SoundWriter
from innerear.engine.parameter import Value
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS
from innerear.engine.plots.hearing_plots import sounds_figure
from innerear.engine.plugin.render import render

_BLOCK_SIZE = 4096  # the result does not depend on it, the time does


@dataclass(frozen=True)
class Dream:
    """A dream of the page.

    Attributes:
        name: of its files.
        sound: which of `SOUNDS` is dreamed into.
        hears: what to listen for, a sentence.
        preset: name of a shipped preset, or nothing.
        settings: parameters that are set besides, by id.
    """

    name: str
    sound: str
    hears: str
    preset: str = ""
    settings: Mapping[str, Value] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """What renders it from the sound's file."""
        words = ["innerear render", f"{self.sound}.wav", f"{self.name}.wav"]
        if self.preset:
            words.append(f"--preset {self.preset}")
        for id, value in self.settings.items():
            text = str(value)
            words.append(f"{PARAMETERS[id].flag} " + (f'"{text}"' if " " in text else text))
        return " ".join(words)

    @property
    def parameters(self) -> ParameterSet:
        """All that it is rendered with."""
        values = dict(load_preset(self.preset).values()) if self.preset else {}
        return ParameterSet(**{**values, **self.settings})


WAITING: Mapping[str, Value] = {"alignment": "aligned"}
DREAMS = (
    Dream(
        "speech-in-phrase",
        "phrase",
        "The phrase breaks into syllables; formants glide through it as in a voice. No words.",
        settings={"target": "Speech", **WAITING},
    ),
    Dream(
        "brass-halo",
        "phrase",
        "Brass grows out of the plucked notes, and comes back on dotted eighths.",
        preset="brass-halo",
    ),
    Dream(
        "struck-glass",
        "phrase",
        "Bells ring out of the phrase, again on every sixteenth.",
        preset="struck-glass",
    ),
    Dream(
        "tunnel-drone",
        "phrase",
        "Short, strong feedback smears everything into a dark drone.",
        preset="tunnel-drone",
    ),
    Dream(
        "only-the-dream",
        "phrase",
        "The sound itself is gone; what a network of wavelets wanted it to be is left.",
        preset="only-the-dream",
    ),
    Dream(
        "voice-at-once",
        "drone",
        "The standing chord begins to talk, without any delay.",
        preset="voice-at-once",
    ),
    Dream(
        "organ-of-partials",
        "drone",
        "Tones at the chord's own partials and beside them turn it towards an organ.",
        preset="organ-of-partials",
    ),
    Dream(
        "slow-tide",
        "drone",
        "A filter that breathes: the spectrum turns with what a deep layer feels.",
        preset="slow-tide",
    ),
    Dream(
        "flute-in-strokes",
        "strokes",
        "The noise of the strokes takes on a pitch, towards a flute.",
        settings={"target": "Flute", **WAITING},
    ),
    Dream(
        "raw-edges",
        "strokes",
        "Edges and onsets, which the first layer of a network looks for, torn out of the beat.",
        preset="raw-edges",
    ),
)


def make(
    folder: Path,
    seconds: float | None = None,
    dreams: Sequence[Dream] = DREAMS,
    told: Callable[[str], None] = print,
) -> None:
    """Compute every sound, render dreams, and draw them.

    Args:
        folder: for the files; made where it is missing.
        seconds: only the beginning of each sound; all of it by default.
        dreams: what is rendered.
        told: takes a line about each file.

    Raises:
        InnerearError: a file cannot be written, or a network is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    length = None if seconds is None else round(seconds * SAMPLE_RATE)
    sounds = {name: make_sound()[:, :length] for name, make_sound in SOUNDS.items()}
    for name, sound in sounds.items():
        _write(folder / f"{name}.mp3", np.ascontiguousarray(sound))
    for dream in dreams:
        sound = np.ascontiguousarray(sounds[dream.sound])
        dreamed = render(sound, SAMPLE_RATE, parameters=dream.parameters, block_size=_BLOCK_SIZE)
        _write(folder / f"{dream.name}.mp3", dreamed)
        pictures = [
            (dream.sound, Overview.of(sound, SAMPLE_RATE)),
            (dream.name, Overview.of(dreamed, SAMPLE_RATE)),
        ]
        sounds_figure(folder / f"{dream.name}.png", "", pictures)
        told(f"{folder / dream.name}.mp3 and .png")


def page(files: str) -> str:
    """Return the page in Markdown.

    Args:
        files: the folder of the sounds, relative to the page.
    """
    lines = [
        "# Sounds",
        "",
        "Each sound is computed by the project, and each dream is rendered from it with the "
        "command below it when this site is made. Loud passages stay below full scale; begin "
        "softly all the same. The spectrograms show the sound on the left and its dream on the "
        "right.",
        "",
    ]
    titles = {"phrase": "The demo's phrase", "drone": "A standing chord", "strokes": "A beat"}
    for sound, title in titles.items():
        lines += [f"## {title}", "", _player(f"{files}/{sound}.mp3", f"{title}, before"), ""]
        for dream in (each for each in DREAMS if each.sound == sound):
            lines += [f"### {dream.name}", "", dream.hears, ""]
            lines += [_player(f"{files}/{dream.name}.mp3", f"{dream.name}, after"), ""]
            lines += [f"![Before and after: {dream.name}]({files}/{dream.name}.png)", ""]
            lines += [*fenced(dream.command), ""]
    return "\n".join(lines) + "\n"


def _player(file: str, title: str) -> str:
    return f'<audio controls preload="metadata" src="{file}" title="{title}"></audio>'


def _write(path: Path, sound: Float) -> None:
    with SoundWriter(path, SAMPLE_RATE, len(sound)) as writer:
        writer.write(sound)


def main(arguments: list[str] | None = None) -> None:
    """Make the files of the page."""
    parser = argparse.ArgumentParser(
        prog="python -m innerear.docs.making.sounds", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, help="only the beginning of each sound")
    given = parser.parse_args(arguments)
    make(given.folder, given.seconds)


if __name__ == "__main__":
    main()
