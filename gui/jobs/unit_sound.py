"""Finds the sound that excites a unit most, caches it, and plays it."""

from threading import Event

import numpy as np
from numpy.typing import NDArray

from ...engine.dsp.resample import resample
from ...engine.errors import DeviceError, ModelError
from ...engine.packs.resolve import load, model_of

STEPS = 64
"""Of the maximisation."""
LEVEL = 0.4
"""Peak of the sound that is played."""
REPEATS = 2
FADE_SECONDS = 0.02
STEP_SECONDS = 0.02
"""After which the sound can be stopped."""

_found: dict[tuple[str, str, int], NDArray[np.float32]] = {}


def find_unit_sound(model: str, layer: str, unit: int) -> tuple[NDArray[np.float32], int]:
    """Return the sound that excites a unit most; takes some seconds the first time.

    Args:
        model: name or folder of the pack, or several.
        layer, unit: the unit.

    Returns:
        float32 (samples,), faded and with a peak of `LEVEL`; and its sample rate in hertz.

    Raises:
        ModelError: there is no such unit, or no sound excites it.
    """
    from ...engine.analysis.maximise import maximise
    from ...engine.targets.objectives import unit as unit_objective

    pack = load(model)
    key = model_of(pack), layer, unit
    if key not in _found:
        found = maximise(pack, unit_objective(pack, layer, unit), steps=STEPS)
        if found.dead:
            raise ModelError(f"No sound excites unit {unit} of {layer}: it is inactive.")
        _found[key] = _presentable(found.sound, pack.sample_rate)
    return _found[key], pack.sample_rate


def play_sound(
    sound: NDArray[np.float32], sample_rate: int, device: str | None, stop: Event
) -> None:
    """Play a sound on an output, together with what already plays there; return when it ends.

    Args:
        sound: float32 (samples,).
        sample_rate: of the sound, in hertz.
        device: name of the output; None for the system's default.
        stop: ends the sound early, with a fade, once it is set.

    Raises:
        DeviceError: the output cannot be opened.
    """
    try:
        import sounddevice
    except OSError as problem:
        raise DeviceError(f"PortAudio is missing: {problem}.") from problem
    try:
        rate = int(sounddevice.query_devices(device, "output")["default_samplerate"])
        fitted = resample(sound, sample_rate, rate)
        step = max(1, round(rate * STEP_SECONDS))
        with sounddevice.OutputStream(rate, device=device, channels=2, dtype="float32") as stream:
            for at in range(0, len(fitted), step):
                block = fitted[at : at + step]
                ending = stop.is_set()
                if ending:
                    block = block * np.linspace(1, 0, len(block), dtype=np.float32)
                stream.write(np.repeat(block[:, None], 2, axis=1))
                if ending:
                    break
    except (ValueError, sounddevice.PortAudioError) as problem:
        raise DeviceError(f"The unit's sound cannot be played: {problem}.") from problem


def _presentable(sound: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Return a sound faded at both ends, normalised to `LEVEL`, and repeated."""
    fade = min(round(FADE_SECONDS * sample_rate), len(sound) // 2)
    shaped = sound / max(float(np.abs(sound).max()), 1e-9) * LEVEL
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    shaped[:fade] *= ramp
    shaped[-fade:] *= ramp[::-1]
    return np.asarray(np.tile(shaped, REPEATS), np.float32)
