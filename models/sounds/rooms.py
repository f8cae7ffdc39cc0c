"""Impulse responses of box-shaped rooms, by the image method.

After Allen and Berkley, "Image method for efficiently simulating small-room acoustics", JASA 1979:
every echo off the walls is a source in a mirrored room.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import get_window

SPEED_OF_SOUND = 343.0
LEAST_SIZE, MOST_SIZE = (2.5, 2.5, 2.3), (14.0, 10.0, 5.0)
"""Length, width and height of a room in metres."""
DECAY_SECONDS = (0.15, 1.0)
"""Least and most time in which the reverberation falls by 60 dB, at 1 kHz and below."""
WALL_DISTANCE, LEAST_DISTANCE = 0.4, 0.6
"""Metres between a source or a listener and a wall, and between the two."""
ABSORPTION_HZ = 4000.0
"""Where walls and air have become twice as absorbent as at low frequencies."""
MOST_ECHOES = 12
"""Echoes off this many walls, or more, are filtered alike."""
FADE = 0.25
"""The share of a response over which its end fades to 0."""


def room_responses(count: int, sample_rate: int, samples: int, seed: int) -> NDArray[np.float32]:
    """Return impulse responses of rooms, sources and listeners drawn at random.

    Args:
        count: of responses.
        sample_rate: in hertz.
        samples: of each response.
        seed: of the draw.

    Returns:
        float32 [count, samples]: the direct sound is 1 and comes at once.
    """
    rng = np.random.default_rng(seed)
    return np.stack([_room(rng, sample_rate, samples) for _ in range(count)])


def _room(rng: np.random.Generator, sample_rate: int, samples: int) -> NDArray[np.float32]:
    size = rng.uniform(LEAST_SIZE, MOST_SIZE)
    source = rng.uniform(WALL_DISTANCE, size - WALL_DISTANCE)
    listener = rng.uniform(WALL_DISTANCE, size - WALL_DISTANCE)
    while np.linalg.norm(source - listener) < LEAST_DISTANCE:
        listener = rng.uniform(WALL_DISTANCE, size - WALL_DISTANCE)
    decay = np.exp(rng.uniform(*np.log(DECAY_SECONDS)))
    return box_response(size, source, listener, decay, sample_rate, samples)


def box_response(
    size: NDArray[np.float64],
    source: NDArray[np.float64],
    listener: NDArray[np.float64],
    decay: float,
    sample_rate: int,
    samples: int,
) -> NDArray[np.float32]:
    """Return the impulse response between two points of a room.

    Args:
        size: length, width and height in metres.
        source, listener: their places, in metres from one corner.
        decay: seconds in which the reverberation falls by 60 dB, by Eyring's formula.
        sample_rate: in hertz.
        samples: of the response.

    Returns:
        float32 [samples]: the direct sound is 1 and comes at once.
    """
    reflected = _reflection(size, decay)
    direct = float(np.linalg.norm(source - listener))
    reach = direct + samples / sample_rate * SPEED_OF_SOUND
    offsets, echoes = zip(
        *(_images(*axis, reach) for axis in zip(size, source, listener, strict=True)), strict=True
    )
    squared = offsets[0][:, None, None] ** 2 + offsets[1][None, :, None] ** 2 + offsets[2] ** 2
    walls = echoes[0][:, None, None] + echoes[1][None, :, None] + echoes[2]
    near = squared < reach**2
    distance, walls = np.sqrt(squared[near]), walls[near]
    at = (distance - direct) * (sample_rate / SPEED_OF_SOUND)
    whole = np.floor(at).astype(np.int64)
    strength = direct / distance * reflected**walls
    alike = np.minimum(walls, MOST_ECHOES)
    parts = np.zeros((MOST_ECHOES + 1, samples + 1))
    for place, share in ((whole, 1.0 - (at - whole)), (whole + 1, at - whole)):
        inside = place <= samples
        np.add.at(parts, (alike[inside], place[inside]), (strength * share)[inside])
    return _filtered(parts[:, :samples], sample_rate)


def _reflection(size: NDArray[np.float64], decay: float) -> float:
    """Return the share of the pressure that each wall reflects, for a time of decay."""
    volume = float(np.prod(size))
    surface = 2.0 * float(size[0] * size[1] + size[1] * size[2] + size[0] * size[2])
    return float(np.exp(-0.5 * 0.161 * volume / (surface * decay)))


def _images(
    length: float, source: float, listener: float, reach: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the distance of each mirrored source along one axis, and the walls between."""
    most = int(np.ceil(reach / (2.0 * length))) + 1
    rooms = np.arange(-most, most + 1)
    same = 2.0 * rooms * length + source - listener
    mirrored = 2.0 * rooms * length - source - listener
    offsets = np.concatenate((same, mirrored))
    walls = np.concatenate((np.abs(2 * rooms), np.abs(2 * rooms - 1)))
    near = np.abs(offsets) < reach
    return offsets[near], walls[near]


def _filtered(parts: NDArray[np.float64], sample_rate: int) -> NDArray[np.float32]:
    """Add up the echoes off 0, 1, 2 and more walls, each wall taking away high frequencies."""
    samples = parts.shape[1]
    frequency = np.fft.rfftfreq(2 * samples, 1.0 / sample_rate)
    wall = 1.0 / np.sqrt(1.0 + (frequency / ABSORPTION_HZ) ** 2) ** 0.5
    spectra = np.fft.rfft(parts, 2 * samples)
    whole = (spectra * wall ** np.arange(len(parts))[:, None]).sum(axis=0)
    response = np.fft.irfft(whole)[:samples]
    faded = round(FADE * samples)
    response[-faded:] *= get_window("hann", 2 * faded)[faded:]
    return np.asarray(response / response[0], np.float32)
