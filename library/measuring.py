"""Measures a dream: who hears it, how it sounds, and where it lies among others."""

from functools import lru_cache
from typing import Any

import numpy as np

from ..engine.analysis.classify import hear
from ..engine.analysis.judging.judges import OVERLAP, Judge
from ..engine.analysis.judging.sound_measures import correlation, flatness, power_db
from ..engine.arrays import Float
from ..engine.packs.network import PackLike
from ..engine.packs.resolve import load, members_of, model_of

_NETWORKS_KEPT = 32


def network(model: str, device: str = "cpu") -> PackLike:
    """Return a network, kept loaded in this process.

    Args:
        model: its name, or those of a set.
        device: where it computes; see `load`.

    Raises:
        ModelError: there is none of that name.
        ParameterError: the device does not work here.
    """
    return _loaded(model, device)


@lru_cache(_NETWORKS_KEPT)
def _loaded(model: str, device: str) -> PackLike:
    return load(model, device=device)


def judge(model: str, device: str = "cpu") -> Judge:
    """Return a judge, kept loaded in this process; see `network`."""
    return Judge(network(model, device))


def dreaming(model: str) -> list[str]:
    """Return the names of the single networks that dream where `model` does."""
    return [model_of(member) for member in members_of(network(model))]


def embedding_of(
    sound: Float, sample_rate: int, model: str, layer: str, device: str = "cpu"
) -> list[float]:
    """Return the mean activations of a layer in a sound, scaled to a length of 1.

    Args:
        sound: float32 (channels, samples).
        sample_rate: in hertz.
        model: the network.
        layer: one of its layers.
        device: where the network computes; see `load`.
    """
    pack = network(model, device)
    hop = max(1, pack.window // OVERLAP)
    means = hear(sound, sample_rate, pack, layer=layer, hop=hop).activations.mean(axis=0)
    length = float(np.linalg.norm(means))
    return [float(value) for value in (means / length if length > 0.0 else means)]


def centroid_hz(sound: Float, sample_rate: int) -> float:
    """Return the power-weighted mean frequency of (channels, samples); 0 for silence."""
    power = np.mean(np.abs(np.fft.rfft(sound.astype(np.float64))) ** 2, axis=0)
    total = float(power.sum())
    hertz = np.fft.rfftfreq(sound.shape[1], 1 / sample_rate)
    return float(hertz @ power) / total if total > 0.0 else 0.0


def measures(dreamed: Float, sample_rate: int, original: Float | None) -> dict[str, Any]:
    """Return the columns that say how a dream sounds.

    Args:
        dreamed: float32 (channels, samples).
        sample_rate: in hertz.
        original: the sound that was dreamed into, of the same shape; None where there is none.
    """
    found: dict[str, Any] = {
        "sample_rate": sample_rate,
        "seconds": dreamed.shape[1] / sample_rate,
        "level_db": power_db(dreamed),
        "flatness": flatness(dreamed),
        "centroid_hz": centroid_hz(dreamed, sample_rate),
    }
    if original is not None:
        found["change_db"] = power_db(dreamed - original) - power_db(original)
        found["correlation"] = correlation(original, dreamed)
    return found
