"""Render what lies between two presets: one file for each position of the morph."""

import argparse
from pathlib import Path

import numpy as np

import innerear
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.io.audio_files import SoundWriter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", default="brass-halo", help="the preset at position 0")
    parser.add_argument("--end", default="tunnel-drone", help="the preset at position 1")
    parser.add_argument("--positions", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--folder", type=Path, default=Path("morph"))
    given = parser.parse_args()

    given.folder.mkdir(parents=True, exist_ok=True)
    phrase = short_phrase()[:, : round(given.seconds * SAMPLE_RATE)]
    for position in np.linspace(0.0, 1.0, given.positions):
        values = innerear.presets.morph(given.start, given.end, float(position))
        parameters = innerear.ParameterSet(**values)
        rendered = innerear.render(phrase, SAMPLE_RATE, parameters=parameters)
        path = given.folder / f"morph-{100 * position:03.0f}.wav"
        with SoundWriter(path, SAMPLE_RATE, len(rendered)) as writer:
            writer.write(rendered)
        change_db = 20 * np.log10((rendered - phrase).std() / phrase.std())
        print(f"{path}: {values['target']}, the change is {change_db:.1f} dB")


if __name__ == "__main__":
    main()
