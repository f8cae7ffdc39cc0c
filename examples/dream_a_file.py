"""Dream a sound file into another: offline, as the DreamSound paper, or with the live processor."""

import argparse
from pathlib import Path

import numpy as np

import innerear
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.io.audio_files import SoundWriter, read_sound


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", type=Path, help="a sound file (default: a phrase made here)")
    parser.add_argument("--output", type=Path, default=Path("dreamed.wav"))
    parser.add_argument("--target", default="Singing voice", help="a class of the network")
    parser.add_argument("--steps", type=int, default=10, help="of the offline recursion")
    parser.add_argument("--seconds", type=float, default=4.0, help="of the sound, from its start")
    parser.add_argument("--live", action="store_true", help="render with the live processor")
    given = parser.parse_args()

    sound, rate = read_sound(given.input) if given.input else (short_phrase(), SAMPLE_RATE)
    sound = sound[:, : round(given.seconds * rate)]
    pack = innerear.load("samplecnn-instruments")
    if given.live:
        dreamed = innerear.render(sound, rate, pack, target=given.target)
    else:
        dreamed = innerear.dream(sound, rate, pack, target=given.target, steps=given.steps)
    with SoundWriter(given.output, rate, len(dreamed)) as writer:
        writer.write(dreamed)

    index = pack.classes.index(given.target)
    for name, each in (("before", sound), ("after", dreamed)):
        score = np.mean(innerear.hear(each, rate, pack).scores[:, index])
        print(f"{given.target} {name}: {score:.2f}")
    print(f"wrote {given.output}")


if __name__ == "__main__":
    main()
