"""Makes training examples from a bank of sounds: cropped, mixed, filtered, quiet or loud."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..sounds.bank import Bank
from ..sounds.rooms import room_responses

HISTORY = 8192
"""Samples before the window that reverberate into it; also the length of a room response."""
EQ_POINTS = 7
LOWEST_HZ = 40.0
ROOMS, ROOMS_SEED = 200, 5


@dataclass(frozen=True)
class Augmentation:
    """How far examples differ from the rendered sounds; levels in decibels.

    Attributes:
        semitones: pitch is moved by up to this, by resampling.
        chord: probability that another sound of the same class joins.
        mixture: probability that a sound of another class joins, and is a target as well.
        mixture_db: the least level of what joins, relative to the first sound.
        eq_db: standard deviation of a random curve over frequency.
        tilt_db: up to this much per octave.
        reverb: probability of a room.
        drive: probability of soft clipping.
        gain_db: the least peak level; the most is full scale.
        noise_db: the highest noise floor, relative to the sound's peak.
        silence: probability of an example that is near silence and has no target.
        seen_seconds, seen_share: at least so much of a sound lies in the window, or of a shorter
            sound this share.
        walls: share of the rooms that are computed from their walls; the others are decaying noise.
    """

    semitones: float = 1.5
    chord: float = 0.15
    mixture: float = 0.2
    mixture_db: float = -10.0
    eq_db: float = 3.0
    tilt_db: float = 1.5
    reverb: float = 0.4
    drive: float = 0.1
    gain_db: float = -40.0
    noise_db: float = -25.0
    silence: float = 0.03
    seen_seconds: float = 0.25
    seen_share: float = 0.8
    walls: float = 0.0

    def plain(self) -> "Augmentation":
        """Return an augmentation that varies only the position in the window and the level."""
        seen = {"seen_seconds": self.seen_seconds, "seen_share": self.seen_share}
        return replace(PLAIN, **seen)

    def unmixed(self) -> "Augmentation":
        """Return the same without mixtures and silence, so that there is one right answer."""
        return replace(self, chord=0.0, mixture=0.0, silence=0.0)


PLAIN = Augmentation(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -20.0, -120.0, 0.0)
"""Only the position in the window and the level vary."""
UNMIXED = Augmentation().unmixed()
"""Everything but mixtures, so that there is one right answer."""


def uniform(size: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    """Return float32 [size, 1] between two values, on the generator's device."""
    return low + (high - low) * chance(size, generator)


def chance(size: int, generator: torch.Generator) -> Tensor:
    """Return float32 [size, 1] between 0 and 1, on the generator's device."""
    return torch.rand(size, 1, generator=generator, device=generator.device)


@lru_cache(maxsize=4)
def rooms_with_walls(sample_rate: int) -> NDArray[np.float32]:
    """Return the rooms that examples are put into, [rooms, HISTORY]; see `room_responses`."""
    return room_responses(ROOMS, sample_rate, HISTORY, ROOMS_SEED)


def decibels(value: Tensor) -> Tensor:
    """Return the amplitude ratio of a level in decibels."""
    return torch.pow(10.0, value / 20)


class Examples:
    """A source of batches; the same generator gives the same batch."""

    def __init__(
        self,
        bank: Bank,
        window: int,
        augmentation: Augmentation,
        device: torch.device | None = None,
    ) -> None:
        """Sort the sounds by class, so that every class is drawn equally often.

        Args:
            bank: the sounds to draw from; every class must have some.
            window: samples of an example.
            augmentation: how far they differ.
            device: where they are made, by default the CPU; generators must be of the same one.
        """
        order = bank.labels.argsort(kind="stable")
        self.device = device = device or torch.device("cpu")
        self.waveforms = torch.from_numpy(bank.waveforms[order]).to(device)
        self.active = torch.from_numpy(bank.active[order]).to(device)
        labels = torch.from_numpy(bank.labels)
        self.counts = torch.bincount(labels, minlength=len(bank.classes)).to(device)
        self.starts = self.counts.cumsum(0) - self.counts
        self.classes = len(bank.classes)
        self.sample_rate = bank.sample_rate
        self.window = window
        self.augmentation = augmentation
        self.length = window + HISTORY
        bins = self.length // 2 + 1
        frequency = torch.linspace(0, bank.sample_rate / 2, bins).clamp(min=LOWEST_HZ)
        self.octaves = torch.log2(frequency / 1000.0).to(device)
        place = (
            torch.log2(frequency / LOWEST_HZ) / math.log2(bank.sample_rate / 2 / LOWEST_HZ)
        ) * (EQ_POINTS - 1)
        points = torch.arange(EQ_POINTS).unsqueeze(1)
        self.eq_shapes = (1 - (place - points).abs()).clamp(min=0).to(device)
        self.rooms: Tensor | None = None
        if augmentation.reverb and augmentation.walls:
            self.rooms = torch.from_numpy(rooms_with_walls(bank.sample_rate)).to(device)

    def batch(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw a batch.

        Returns:
            waveforms float32 [size, window] and targets float32 [size, classes], 0 or 1.
        """
        labels = torch.randint(self.classes, (size,), generator=generator, device=generator.device)
        return self.of_classes(labels, generator)

    def of_classes(self, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw one example of each given class, int64 [size]; returns as `batch`."""
        how, size = self.augmentation, len(labels)
        joins = chance(size, generator)
        chord = joins < how.chord
        mixed = (joins >= how.chord) & (joins < how.chord + how.mixture)
        others = torch.randint(self.classes, (size,), generator=generator, device=generator.device)
        others = torch.where(mixed.squeeze(1), others, labels)
        sound = self.crop(labels, generator)
        if how.chord or how.mixture:
            level = decibels(uniform(size, how.mixture_db, 0.0, generator))
            sound = sound + self.crop(others, generator) * level * (chord | mixed)
        sound = self.colour(sound, generator)[:, HISTORY:]
        sound = sound / sound.abs().amax(dim=1, keepdim=True).clamp(min=1e-6)
        sound = self.overdrive(sound, generator)

        targets = torch.zeros(size, self.classes, device=self.device)
        rows = torch.arange(size, device=self.device)
        targets[rows, labels] = 1.0
        targets[rows, others] = 1.0
        floor = decibels(uniform(size, -90.0, how.noise_db, generator))
        floor = floor * (how.noise_db > -90.0)
        hiss = torch.randn(sound.shape, generator=generator, device=generator.device)
        sound = sound + floor * hiss
        gain = uniform(size, how.gain_db, 0.0, generator)
        silent = chance(size, generator) < how.silence
        gain = torch.where(silent, gain - 70.0, gain)
        return sound * decibels(gain), targets * ~silent

    def crop(self, labels: Tensor, generator: torch.Generator) -> Tensor:
        """Take a sound of each class, somewhere in the window and near its pitch.

        Returns:
            float32 [size, length], root mean square 1.
        """
        size = len(labels)
        which = torch.rand(size, generator=generator, device=generator.device)
        index = self.starts[labels] + (which * self.counts[labels]).long()
        active = self.active[index].unsqueeze(1).float()
        least = torch.tensor(self.augmentation.seen_seconds * self.sample_rate)
        seen = torch.minimum(self.augmentation.seen_share * active, least)
        earliest, latest = seen - self.window, active - seen
        start = earliest + (latest - earliest) * chance(size, generator)
        limit = self.augmentation.semitones / 12
        speed = torch.pow(2.0, uniform(size, -limit, limit, generator))
        position = start + (torch.arange(self.length, device=self.device) - HISTORY) * speed
        whole = position.floor()
        last = self.waveforms.shape[1] - 2
        left = whole.long().clamp(0, last)
        chosen = self.waveforms[index]
        low, high = chosen.gather(1, left).float(), chosen.gather(1, left + 1).float()
        sound = torch.lerp(low, high, position - whole)
        sound = sound * ((whole >= 0) & (whole <= last))
        power = sound[:, HISTORY:].square().mean(dim=1, keepdim=True)
        return sound / power.sqrt().clamp(min=1.0)

    def colour(self, sound: Tensor, generator: torch.Generator) -> Tensor:
        """Apply a random equaliser and a random room, in one product of spectra."""
        how, size = self.augmentation, len(sound)
        if not (how.eq_db or how.tilt_db or how.reverb):
            return sound
        points = torch.randn(size, EQ_POINTS, generator=generator, device=generator.device)
        curve = how.eq_db * points @ self.eq_shapes
        curve = curve + uniform(size, -how.tilt_db, how.tilt_db, generator) * self.octaves
        spectrum = torch.fft.rfft(sound) * decibels(curve)
        decay = torch.exp(uniform(size, math.log(0.01), math.log(0.15), generator))
        time = torch.arange(HISTORY, device=self.device) / self.sample_rate
        hiss = torch.randn(size, HISTORY, generator=generator, device=generator.device)
        room = hiss * torch.exp(-time / decay)
        room = room / room.square().sum(dim=1, keepdim=True).sqrt()
        wet = chance(size, generator) < how.reverb
        room = room * decibels(uniform(size, -25.0, -3.0, generator))
        room[:, 0] += 1.0
        if self.rooms is not None:
            room = torch.where(
                chance(size, generator) < how.walls, self._walled(size, generator), room
            )
        room[:, 1:] *= wet
        room[:, 0] = torch.where(wet[:, 0], room[:, 0], 1.0)
        # The room is no longer than the history, so nothing wraps round into the window.
        coloured: Tensor = torch.fft.irfft(
            spectrum * torch.fft.rfft(room, self.length), self.length
        )
        return coloured

    def _walled(self, size: int, generator: torch.Generator) -> Tensor:
        """Draw rooms with walls, listened to from nearer than their listener by up to 12 dB."""
        assert self.rooms is not None
        which = torch.randint(
            len(self.rooms), (size,), generator=generator, device=generator.device
        )
        room = self.rooms[which]
        room[:, 1:] *= decibels(uniform(size, -12.0, 0.0, generator))
        return room

    def overdrive(self, sound: Tensor, generator: torch.Generator) -> Tensor:
        """Clip some examples softly; peaks stay at 1."""
        size = len(sound)
        driven = chance(size, generator) < self.augmentation.drive
        amount = uniform(size, 0.5, 3.0, generator)
        return torch.where(driven, torch.tanh(amount * sound) / torch.tanh(amount), sound)
