"""Teach a network three classes of your own from a few sounds, and dream of one. Needs torch."""

import argparse
from pathlib import Path

import numpy as np

import innerear
from innerear.engine.arrays import Float
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.io.audio_files import SoundWriter
from innerear.engine.packs.pack import load_pack
from innerear.models.training.teach import teach

RATE = 16_000


def lesson(name: str, generator: np.random.Generator) -> Float:
    """Return one sound of a class, float32 (1, samples)."""
    time = np.arange(RATE) / RATE
    if name == "whistle":
        sound = np.sin(2 * np.pi * generator.uniform(800, 2000) * time)
    elif name == "hiss":
        sound = generator.uniform(-1, 1, RATE)
    else:  # ticks
        sound = (np.arange(RATE) % generator.integers(800, 3000) == 0).astype(float)
    return (0.3 * sound[np.newaxis]).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("taught"), help="new; for everything")
    parser.add_argument("--sounds", type=int, default=6, help="of each class")
    parser.add_argument("--seconds", type=float, default=2.0, help="of the dream")
    parser.add_argument("--model", default="samplecnn-instruments", help="whose network listens")
    given = parser.parse_args()

    generator = np.random.default_rng(0)
    for name in ("whistle", "hiss", "ticks"):
        (given.folder / "sounds" / name).mkdir(parents=True, exist_ok=True)
        for number in range(given.sounds):
            path = given.folder / "sounds" / name / f"{number}.wav"
            with SoundWriter(path, RATE, 1) as writer:
                writer.write(lesson(name, generator))
    pack = load_pack(given.model)
    taught = teach(pack, "my-sounds", given.folder / "sounds", given.folder / "my-sounds")
    print(f"recognised in cross-validation: {taught.accuracy:.0%}; wrote {taught.folder}")

    phrase = short_phrase()[:, : round(given.seconds * SAMPLE_RATE)]
    dreamed = innerear.render(phrase, SAMPLE_RATE, taught.folder, target="whistle")
    with SoundWriter(given.folder / "dreamed.wav", SAMPLE_RATE, len(dreamed)) as writer:
        writer.write(dreamed)
    print(f"wrote {given.folder / 'dreamed.wav'}")


if __name__ == "__main__":
    main()
