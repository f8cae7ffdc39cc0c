"""Turns what a network dreams into what is heard of it."""

import numpy as np

from ..arrays import Complex, Float


def mix_to_mono(sound: Float, mono: Float) -> float:
    """Compute the mean of all channels.

    Args:
        sound: (channels, samples).
        mono: (1, samples); written.
    """
    np.add.reduce(sound, axis=0, keepdims=True, out=mono)
    np.divide(mono, np.float32(len(sound)), out=mono)
    return 0.0


def approach(held: Float, wanted: Float, spectrum: Float, kept: float) -> float:
    """Take a dream's spectrum, and smooth what is heard towards it.

    Args:
        held: what is heard, (bins,); written.
        wanted: becomes `spectrum`.
        spectrum: (bins,).
        kept: the share of `held` that stays, 0 to 1.

    Returns:
        1 where the spectrum is not all 0, otherwise 0.
    """
    wanted[:] = spectrum
    held *= np.float32(kept)
    held += (1 - np.float32(kept)) * wanted
    return float(wanted.any())


def shape_by_filter(
    coverage: Float,
    inside: Float,
    held: Float,
    spectrum: Complex,
    dream: Complex,
    kept: Float,
    fade: float,
    used: float,
    step: float,
    most_log_gain: float,
    faint: float,
    silence: float,
) -> float:
    """Compute the dream D of a filter: X + used D is the filtered sound, as loud as it was.

    Args:
        coverage: how far the filter may reach at each bin, 0 to 1, (bins,).
        inside: 1 for the bins in which the level is kept, otherwise 0, (bins,).
        held: log-gains for a step of 1, (bins,).
        spectrum: X, (channels, bins).
        dream: D, the same shape; written.
        kept: the log-gains at `step`, with the level kept, the same shape; written.
        fade: multiplies `held`.
        used: the step that D is computed for, above 0.
        step: the parameter; the same, or smaller where that is tiny.
        most_log_gain: the most that a bin is lifted.
        faint: the power at which a frame is filtered by half.
        silence: keeps a power from being divided by 0.
    """
    log_gain = np.float32(used) * (held * np.float32(fade))
    kept[...] = level_kept(spectrum, log_gain, coverage, inside, most_log_gain, faint, silence)
    np.multiply(spectrum, np.expm1(kept), out=dream)
    if step != 1.0:
        dream /= np.float32(used)
        kept *= np.float32(step / used)
    return 0.0


def level_kept(
    spectrum: Complex,
    log_gain: Float,
    coverage: Float,
    inside: Float,
    most_log_gain: float,
    faint: float,
    silence: float,
) -> Float:
    """Return log-gains that change the balance of each frame, (..., bins), and not its level.

    Args:
        spectrum: X of each frame, (..., bins).
        log_gain: (..., bins), the same shape or one for all frames.
        coverage, inside, most_log_gain, faint, silence: see `shape_by_filter`.
    """
    least = np.float32(silence)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    power *= inside
    before = np.add.reduce(power, axis=-1, keepdims=True)
    power *= np.exp(2.0 * log_gain)
    after = np.add.reduce(power, axis=-1, keepdims=True)
    ratio = before / np.maximum(after, least)
    kept = coverage * (np.float32(0.5) * np.log(np.maximum(ratio, least)))
    kept += log_gain
    np.minimum(kept, np.float32(most_log_gain), out=kept)
    kept *= before / (before + np.float32(faint))
    return np.asarray(kept, np.float32)


def add_tape(
    sound: Complex,
    frame: Complex,
    voice: Complex,
    dream: Complex,
    band: int,
    tiny: float,
    most: float,
    held: float,
) -> float:
    """Add a frame of a tape to a dream, relative to the level of the sound.

    Args:
        sound: spectra, (channels, bins).
        frame: of the tape, (1, bins).
        voice: what is added, (channels, bins); written.
        dream: what it is added to; written.
        band: the number of bins in which levels are compared, from the lowest on.
        tiny: a level that counts as silence.
        most: the most that is added, relative to the level of all channels together.
        held: the level to use relative to the sound's; below 0 it is the frame's own.

    Returns:
        the level that was used.
    """
    own = level(sound[:, :band])
    loudness = np.maximum(level(frame[0, :band]), np.float32(tiny))
    relative = np.float32(held)
    if held < 0.0:
        together = np.add.reduce(sound[:, :band], axis=0) / np.float32(len(sound))
        mixed = np.maximum(level(together), np.float32(tiny))
        relative = np.minimum(loudness / mixed, np.float32(most))[0]
    np.multiply(frame, relative * own / loudness, out=voice)
    dream += voice
    return float(relative)


def level(spectrum: Complex | Float) -> Float:
    """Return the root mean square of each frame's magnitudes, (..., 1)."""
    size = np.abs(spectrum)
    np.square(size, out=size)
    # As `mean` computes it, at a third of the cost for one frame.
    power = np.add.reduce(size, axis=-1, keepdims=True) / np.float32(size.shape[-1])
    return np.asarray(np.sqrt(power, out=power), np.float32)
