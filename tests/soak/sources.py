"""What is played into the audio server; it needs no JACK."""

import numpy as np

RATE = 48_000


def sources() -> dict[str, np.ndarray]:
    """Return a second of each sound that is played in a loop, by name: float32 (samples,)."""
    time_s = np.arange(RATE) / RATE
    rng = np.random.default_rng(0)
    clicks = np.zeros(RATE)
    clicks[::4800] = 1.0
    chord = sum(np.sin(2 * np.pi * hertz * time_s) for hertz in (220, 277, 330))
    nan = rng.uniform(-0.3, 0.3, RATE)
    nan[::12_000] = np.nan
    nan[6_000::12_000] = np.inf
    made = {
        "noise": rng.uniform(-0.3, 0.3, RATE),
        "chord": 0.2 * np.asarray(chord),
        "square": np.sign(np.sin(2 * np.pi * 100 * time_s) + 1e-9),
        "clicks": clicks,
        "constant": np.ones(RATE),
        "silence": np.zeros(RATE),
        "no numbers": nan,
        "four times full scale": 4.0 * rng.uniform(-1, 1, RATE),
    }
    return {name: sound.astype(np.float32) for name, sound in made.items()}
