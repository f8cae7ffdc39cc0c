"""Partials that go on from hop to hop."""

from collections.abc import Iterator

import numpy as np
import pytest

from innerear.engine.dsp.partial_tracks import PartialTracks
from innerear.engine.dsp.partials import find_partials, frame_samples, spectral_peaks

RATE, HOP, SLOTS = 16_000, 400, 32
FRAME = frame_samples(RATE)


def _steps(
    tracks: PartialTracks, sound: np.ndarray, *, neighbours: bool = False
) -> Iterator[np.ndarray]:
    """Yield the oscillators of each hop, (slots, hop)."""
    find = find_partials if neighbours else spectral_peaks
    padded = np.concatenate((np.zeros(FRAME, np.float32), sound))
    for stop in range(FRAME + HOP, len(padded) + 1, HOP):
        waves = np.zeros((SLOTS, HOP), np.float32)
        tracks.advance(waves, find(padded[stop - FRAME : stop], RATE), 1.0)
        yield waves


def _glide(*, start: float = 400.0, end: float = 700.0, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.cos(2 * np.pi * (start * time + (end - start) / 2 / seconds * time**2)).astype("f4")


def test_a_partial_keeps_its_slot_over_a_glide() -> None:
    tracks = PartialTracks(SLOTS, HOP, RATE)
    slots, frequencies = [], []
    for number, _ in enumerate(_steps(tracks, _glide())):
        if number >= 3:
            assert tracks.alive.sum() == 1
            slots.append(int(np.flatnonzero(tracks.alive)[0]))
            frequencies.append(tracks.frequency[slots[-1]])
    assert len(set(slots)) == 1
    assert np.diff(frequencies).min() > 0.0
    assert frequencies[-1] == pytest.approx(700.0 - 300.0 * FRAME / 2 / RATE, abs=2.0)


def test_own_partials_follow_the_sound_in_phase() -> None:
    time = np.arange(RATE) / RATE
    sound = 0.4 * np.cos(2 * np.pi * 331.0 * time + 1.0) + 0.1 * np.cos(2 * np.pi * 900.0 * time)
    tracks = PartialTracks(SLOTS, HOP, RATE)
    made = np.concatenate([waves.sum(axis=0) for waves in _steps(tracks, sound.astype("f4"))])
    settled = slice(2 * FRAME, None)
    assert np.abs(made[settled] - sound[settled]).max() < 0.05


def _largest_jump(waves: np.ndarray) -> float:
    return float(np.abs(np.diff(waves, axis=-1)).max())


@pytest.mark.parametrize("neighbours", [False, True])
def test_oscillators_are_continuous(neighbours: bool) -> None:
    sound = np.concatenate((_glide(), 0.5 * _glide(start=900.0, end=300.0), np.zeros(4000, "f4")))
    tracks = PartialTracks(SLOTS, HOP, RATE)
    hops = list(_steps(tracks, sound, neighbours=neighbours))
    made = np.concatenate(hops, axis=1)
    within = max(_largest_jump(waves) for waves in hops)
    at_borders = np.abs(made[:, HOP::HOP] - made[:, HOP - 1 : -1 : HOP])
    assert within > 0.1  # there is something to compare with
    assert at_borders.max() < 1.1 * within


def test_partials_fade_in_and_out_within_a_hop() -> None:
    time = np.arange(8000) / RATE
    sound = np.where(time < 0.25, np.cos(2 * np.pi * 500.0 * time), 0.0).astype("f4")
    tracks = PartialTracks(SLOTS, HOP, RATE)
    hops = list(_steps(tracks, sound))
    first = next(waves for waves in hops if waves.any())
    assert np.abs(first[:, 0]).max() < 0.01
    last = [waves for waves in hops if waves.any()][-1]
    assert np.abs(last[:, -1]).max() < 0.01
    assert not tracks.alive.any()
    assert not hops[-1].any()


def test_silence_is_exactly_nothing() -> None:
    tracks = PartialTracks(SLOTS, HOP, RATE)
    assert all(not waves.any() for waves in _steps(tracks, np.zeros(8000, np.float32)))
    assert not tracks.alive.any()


def test_a_level_of_0_ends_everything() -> None:
    tracks = PartialTracks(SLOTS, HOP, RATE)
    for _ in _steps(tracks, _glide(seconds=0.2)):
        pass
    assert tracks.alive.any()
    waves = np.zeros((SLOTS, HOP), np.float32)
    found = spectral_peaks(_glide()[:FRAME], RATE)
    tracks.advance(waves, found, 0.0)
    assert not tracks.alive.any()
    tracks.advance(waves, found, 0.0)
    assert not waves.any()


def test_more_partials_than_slots_leave_out_the_weakest_neighbours() -> None:
    time = np.arange(8000) / RATE
    tones = [np.cos(2 * np.pi * 311.0 * k * time) / k for k in range(1, 5)]
    tracks = PartialTracks(4, HOP, RATE)
    waves = np.zeros((4, HOP), np.float32)
    sound = np.sum(tones, axis=0).astype("f4")
    tracks.advance(waves, find_partials(sound[:FRAME], RATE), 1.0)
    np.testing.assert_allclose(np.sort(tracks.frequency), 311.0 * np.arange(1, 5), atol=1.0)
    assert tracks.own.all()


def test_reset_ends_everything_at_once() -> None:
    tracks = PartialTracks(SLOTS, HOP, RATE)
    first = [waves.copy() for waves in _steps(tracks, _glide(seconds=0.2))]
    tracks.reset()
    again = list(_steps(tracks, _glide(seconds=0.2)))
    np.testing.assert_array_equal(first, again)
