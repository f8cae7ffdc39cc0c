"""Lets a unit be heard: the sound that excites it most is sought, kept, and played."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.errors import DeviceError, ModelError
from ...engine.packs.pack import load

STEPS = 64
LEVEL = 0.4
REPEATS = 2
FADE_SECONDS = 0.02

_found: dict[tuple[str, str, int], NDArray[np.float32]] = {}


def seek_sound(model: str, layer: str, unit: int) -> tuple[NDArray[np.float32], int]:
    """Return the sound that excites a unit most, and its rate; may take seconds the first time.

    Raises:
        ModelError: there is no such unit, or nothing excites it.
    """
    from ...engine.analysis.maximise import maximise
    from ...engine.targets.objectives import unit as unit_objective

    pack = load(model)
    key = str(pack.folder), layer, unit
    if key not in _found:
        (found,) = maximise(pack, unit_objective(pack, layer, unit), steps=STEPS)
        if found.dead:
            raise ModelError(f"Nothing excites unit {unit} of {layer}: it is dead.")
        _found[key] = _presentable(found.sound, pack.sample_rate)
    return _found[key], pack.sample_rate


def play_sound(sound: NDArray[np.float32], sample_rate: int, device: str | None) -> None:
    """Play a sound on an output, beside whatever plays there.

    Raises:
        DeviceError: the output cannot be opened.
    """
    import soxr

    try:
        import sounddevice
    except OSError as problem:
        raise DeviceError(f"PortAudio is missing: {problem}.") from problem
    try:
        rate = int(sounddevice.query_devices(device, "output")["default_samplerate"])
        fitted: Any = soxr.resample(sound, sample_rate, rate)
        sounddevice.play(np.repeat(fitted[:, None], 2, axis=1), rate, device=device)
    except (ValueError, sounddevice.PortAudioError) as problem:
        raise DeviceError(f"The unit's sound cannot be played: {problem}.") from problem


def _presentable(sound: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Make a window's worth of sound repeatable and as loud as all others."""
    fade = min(round(FADE_SECONDS * sample_rate), len(sound) // 2)
    shaped = sound / max(float(np.abs(sound).max()), 1e-9) * LEVEL
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    shaped[:fade] *= ramp
    shaped[-fade:] *= ramp[::-1]
    return np.asarray(np.tile(shaped, REPEATS), np.float32)
