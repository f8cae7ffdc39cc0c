"""Draws one sound, its dreams by three parameterisations, and what five judges hear in each.

`python -m innerear.models.studies.draw_judges docs/judged.png` makes the picture of
`docs/listening.md`: networks dream into the demo's phrase, and others that took no part listen.
YAMNet has to be added before.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ...engine.analysis.judging.judges import Judge, Score
from ...engine.arrays import Float
from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ...engine.dsp.overview import Overview
from ...engine.packs.pack import load_pack
from ...engine.parameter import Value
from ...engine.parameter_values import ParameterSet
from ...engine.plots.hearing_plots import judged_figure
from ...engine.plugin.render import render

TARGET = "Speech"
PLAIN: Mapping[str, Value] = {"model": "stftcnn-instruments"}
DREAMS: Mapping[str, Mapping[str, Value]] = {
    "its waveform dream": {**PLAIN, "parameterisation": "waveform"},
    "its filter dream": {**PLAIN, "parameterisation": "filter"},
    "the default dream": {},
}
"""Title -> the settings that differ from the demo's."""
JUDGES = (
    *("cqtcnn-instruments", "samplecnn-instruments", "stftcnn12-instruments"),
    *("wavelet-instruments", "yamnet"),
)
SECONDS = 4.0
BLOCK_SIZE = 4096  # the result does not depend on it, the time does


def dreams(sound: Float) -> dict[str, Float]:
    """Return the sound and its dreams by name, float32 (channels, samples) as the sound."""
    found = {"the sound": sound}
    for title, settings in DREAMS.items():
        parameters = ParameterSet(target=TARGET, alignment="aligned", **settings)
        found[title] = render(sound, SAMPLE_RATE, parameters=parameters, block_size=BLOCK_SIZE)
    return found


def judged(sound: Float) -> dict[str, Score]:
    """Return how strongly each judge hears the target in a sound, by the judge's name."""
    judges = [Judge(load_pack(name)) for name in JUDGES]
    return {each.name: each.score(each.listen(sound, SAMPLE_RATE), TARGET) for each in judges}


def main(arguments: list[str] | None = None) -> None:
    """Draw the picture, and print its numbers."""
    parser = argparse.ArgumentParser(
        prog="python -m innerear.models.studies.draw_judges",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("picture", type=Path, help="the file to write, such as judged.png")
    path: Path = parser.parse_args(arguments).picture
    phrase = np.ascontiguousarray(short_phrase()[:, : round(SECONDS * SAMPLE_RATE)])
    columns = [
        (name, Overview.of(sound, SAMPLE_RATE), judged(sound))
        for name, sound in dreams(phrase).items()
    ]
    title = f"Networks dream of {TARGET.lower()}. Who else hears it?"
    judged_figure(path, title, columns)
    for name, _, scores in columns:
        print(
            name, *(f"{judge} {score.mean:.4f} ({score.rank})" for judge, score in scores.items())
        )
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
