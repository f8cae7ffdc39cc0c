"""What is counted in sound that was heard: samples that must not be, and gaps."""

from collections.abc import Sequence
from typing import Any

import numpy as np

GAP_SAMPLES = 64
"""As many samples of exactly nothing in a row are a gap, where sound goes in."""


class Hearing:
    """Counts in a stream of sound; `take` gives what was counted since it was last called."""

    def __init__(self) -> None:
        self._heard = self._nothing()
        self._silent = 0

    def hear(self, channels: Sequence[np.ndarray]) -> None:
        """Count in the next block.

        Args:
            channels: float32 (samples,) each, of the same length.
        """
        heard, frames = self._heard, len(channels[0])
        heard["samples"] += frames
        loudest = np.zeros(frames, np.float32)
        for channel in channels:
            samples = np.abs(channel)
            finite = np.isfinite(samples)
            if not finite.all():
                heard["not_numbers"] += int(frames - finite.sum())
                samples = np.where(finite, samples, 0)
            heard["above"] += int((samples > 1.0).sum())
            loudest = np.maximum(loudest, samples)
        heard["peak"] = max(heard["peak"], float(loudest.max(initial=0.0)))
        self._count_gaps(loudest > 0, heard)

    def take(self) -> dict[str, Any]:
        """Return what was counted since the last time."""
        heard, self._heard = self._heard, self._nothing()
        return heard

    @staticmethod
    def _nothing() -> dict[str, Any]:
        return {"samples": 0, "peak": 0.0, "above": 0, "not_numbers": 0, "gaps": 0, "longest": 0}

    def _count_gaps(self, sounds: np.ndarray, heard: dict[str, Any]) -> None:
        """Count runs of silence that end here, and let the last go on."""
        places = np.flatnonzero(sounds)
        if not len(places):
            self._silent += len(sounds)
            return
        inner = np.diff(places) - 1
        runs = [self._silent + int(places[0]), *inner[inner >= GAP_SAMPLES].tolist()]
        gaps = [run for run in runs if run >= GAP_SAMPLES]
        heard["gaps"] += len(gaps)
        heard["longest"] = max([heard["longest"], *gaps])
        self._silent = len(sounds) - 1 - int(places[-1])
