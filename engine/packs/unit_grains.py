"""A short grain of sound for each unit: a piece of its maximising waveform, or one like it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..errors import ModelError
from .onnx_runners import check_layers
from .pack import Pack
from .pack_files import unit_rows

GRAINS_FILE = "grains.npz"
GRAIN_SAMPLES = 2048
"""Of the grains that are kept in a pack."""


def grains(pack: Pack, layer: str, units: Sequence[int], samples: int = GRAIN_SAMPLES) -> Float:
    """Return a grain of sound for each unit, at the pack's rate.

    A pack that keeps `grains.npz` (`innerear spectra --write-templates` makes such) gives pieces
    of the units' maximising waveforms. From others grains are made of their templates: magnitudes
    as in the template, random phases, the same each time.

    Args:
        pack: the network's.
        layer: by name.
        units: of the layer.
        samples: length of a grain, 16 or more; from kept pieces at most 2048 sound.

    Returns:
        float32 [units, samples], faded in and out, with a peak of 1; zeros for a dead unit.

    Raises:
        ModelError: a layer or unit that the pack does not have, or neither grains nor templates.
    """
    check_layers({layer: None}, pack.layers)
    count = pack.layers[layer].units
    for unit in units:
        if not 0 <= unit < count:
            raise ModelError(f"Layer {layer!r} has units 0 to {count - 1}, not {unit}.")
    chosen = np.asarray(units, np.intp)
    if GRAINS_FILE in pack.manifest.files:
        found = _fitted(_kept(pack, layer)[chosen], samples)
    else:
        found = _synthesised(pack.templates()[layer][chosen], chosen, samples)
    found = found * np.hanning(samples + 2)[1:-1].astype(np.float32)
    peak = np.maximum(np.abs(found).max(axis=1, keepdims=True), np.float32(1e-9))
    return np.asarray(found / peak, np.float32)


def cut_grains(waveforms: Float) -> NDArray[np.float16]:
    """Cut the loudest piece out of each waveform [units, window], to be kept in a pack.

    Returns:
        float16 [units, 2048], peak 1.
    """
    hop = GRAIN_SAMPLES // 4
    window = np.hanning(GRAIN_SAMPLES)
    pieces = np.zeros((len(waveforms), GRAIN_SAMPLES), np.float32)
    padded = np.pad(waveforms, ((0, 0), (0, max(0, GRAIN_SAMPLES - waveforms.shape[1]))))
    for piece, waveform in zip(pieces, padded, strict=True):
        views = np.lib.stride_tricks.sliding_window_view(waveform, GRAIN_SAMPLES)[::hop]
        piece[:] = views[np.square(views * window).sum(axis=1).argmax()]
    peak = np.maximum(np.abs(pieces).max(axis=1, keepdims=True), 1e-9)
    return np.asarray(pieces / peak, np.float16)


def _kept(pack: Pack, layer: str) -> Float:
    path = pack.folder / GRAINS_FILE
    kept = unit_rows(path, pack.read(GRAINS_FILE), pack.layers, GRAIN_SAMPLES)
    if layer not in kept:
        raise ModelError(f"{path} has no grains of {layer!r}.")
    return kept[layer]


def _fitted(kept: Float, samples: int) -> Float:
    """Return the middle of each piece, or the piece amid silence."""
    missing = max(0, samples - GRAIN_SAMPLES)
    padded = np.pad(kept, ((0, 0), (missing // 2, missing - missing // 2)))
    first = (padded.shape[1] - samples) // 2
    return padded[:, first : first + samples]


def _synthesised(templates: Float, units: NDArray[np.intp], samples: int) -> Float:
    bins = samples // 2 + 1
    place = np.linspace(0, templates.shape[1] - 1, bins)
    magnitude = np.stack([np.interp(place, np.arange(len(row)), row) for row in templates])
    phases = np.stack([np.random.default_rng(int(unit)).random(bins) for unit in units])
    spectrum = magnitude * np.exp(2j * np.pi * phases)
    return np.asarray(np.fft.irfft(spectrum, samples), np.float32)
