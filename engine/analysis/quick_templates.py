"""Spectral templates of thousands of units in seconds, by reverse correlation.

Noise of many spectra is played to the network once, for all of its units together. What the spectra
that excite a unit have in common is its template, as in the physiology of hearing (de Boer and
Kuyper, "Triggered correlation", 1968). `find_templates` maximises each unit by itself instead; that
excites deep units more, and takes dozens of gradients for each unit.
"""

import os
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..cores import cores
from ..packs.manifest import OUTPUT_LAYER, TEMPLATE_BINS
from ..packs.pack import Pack
from .a_weighting import LOWEST_HZ
from .initial_noise import at_level, burst_gate

DRAWS = 1536
BATCH = 16
POINTS = 32
"""Of a spectrum, evenly spaced in mel; it is interpolated linearly between them."""
SPREAD = 1.2
"""Standard deviation of the spectra at each point, in nepers: 10 dB."""
START_TILT = -0.5
"""Exponent of frequency of the mean spectrum: as the spectra of sounds fall."""
RIDGE = 0.1
"""Ridge penalty relative to the variance of a point: it smooths the estimates of weak units."""


def quick_templates(
    folder: str | os.PathLike[str],
    seed: int = 1,
    draws: int = DRAWS,
    progress: Callable[[float], None] = lambda done: None,
) -> dict[str, Float]:
    """Find the template of every unit of every layer of a pack.

    Args:
        folder: of the pack.
        seed: of the noise.
        draws: number of noises; a quarter of them come in bursts.
        progress: called with the number of noises that have been heard so far.

    Returns:
        layer -> [units, 513], magnitudes from 0 Hz to half the sample rate, peak 1; zeros for a
        unit that answered all noises alike.
    """
    pack = Pack(os.fspath(folder), threads=cores())
    generator = np.random.default_rng(seed)
    points = generator.standard_normal((draws, POINTS))
    response: dict[str, list[Float]] = {name: [] for name in pack.layers}
    for start in range(0, draws, BATCH):
        part = points[start : start + BATCH]
        for name, map_ in pack.hear(_noise(pack, SPREAD * part, generator)).items():
            response[name].append(map_.mean(axis=2))
        progress(start + len(part))
    return {
        name: _templates(pack, points, np.concatenate(response[name]), name) for name in response
    }


def _templates(pack: Pack, points: NDArray[np.float64], response: Float, layer: str) -> Float:
    """Return the templates of one layer, from its units' answers to the noises [draws, units]."""
    if layer == OUTPUT_LAYER:
        # The scores 0..1 of a class that is never heard hardly move; their logits do.
        response = np.clip(response, 1e-7, 1 - 1e-7)
        response = np.log(response / (1 - response))
    centred = response - response.mean(axis=0)
    covariance = points.T @ points + RIDGE * len(points) * np.eye(POINTS)
    weights = np.linalg.solve(covariance, points.T @ centred).T
    size = np.sqrt(np.mean(weights**2, axis=1, keepdims=True))
    shape = _interpolated(pack, SPREAD * weights / np.maximum(size, 1e-30), TEMPLATE_BINS)
    magnitude = np.exp(shape)
    magnitude[:, np.linspace(0, pack.sample_rate / 2, TEMPLATE_BINS) < LOWEST_HZ] = 0.0
    magnitude /= magnitude.max(axis=1, keepdims=True)
    excited = centred.std(axis=0) > 1e-6
    return np.asarray(magnitude * excited[:, None], np.float32)


def _noise(pack: Pack, shape: NDArray[np.float64], generator: np.random.Generator) -> Float:
    """Return [batch, window] noises whose spectra have these logarithms at the points."""
    count = len(shape)
    noise = generator.standard_normal((count, pack.window), np.float32)
    noise[::4] *= burst_gate([generator] * len(noise[::4]), pack.window)
    response = np.exp(_interpolated(pack, shape, pack.window // 2 + 1))
    waveform = np.fft.irfft(np.fft.rfft(noise) * response, pack.window)
    return at_level(np.asarray(waveform, np.float32))


def _interpolated(pack: Pack, shape: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Return logarithms of magnitude, tilted, for bins from 0 Hz to half the sample rate."""
    highest = pack.sample_rate / 2
    hertz = np.linspace(0.0, highest, bins)
    place = (POINTS - 1) * np.log1p(hertz / 700.0) / np.log1p(highest / 700.0)
    left = np.minimum(place.astype(np.intp), POINTS - 2)
    share = place - left
    tilt = START_TILT * np.log(np.maximum(hertz, LOWEST_HZ))
    between: NDArray[np.float64] = shape[:, left] * (1 - share) + shape[:, left + 1] * share
    return between + tilt
