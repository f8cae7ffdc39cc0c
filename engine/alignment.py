"""The alignments: when a dream meets the sound that it was dreamed from, and in which form."""

from collections.abc import Mapping
from dataclasses import dataclass

from .drives import DRIVES, Drive


@dataclass(frozen=True)
class Alignment:
    """One way to bring a sound and its dream together in time.

    Attributes:
        name: as the parameter `alignment` has it.
        meaning: one line for help texts.
        reads_waveform: whether the filter waits until the dream's waveform is finished and reads
            that; otherwise the newest dream's spectrum shapes the present sound.
        delays_sound: whether the sound itself is delayed until its change is there, which is the
            processor's latency; otherwise the sound passes at once.
        minimum_phase: whether the filter is a minimum-phase response in the time domain, which has
            no delay; otherwise it overlap-adds frames of a Fourier transform.
    """

    name: str
    meaning: str
    reads_waveform: bool
    delays_sound: bool
    minimum_phase: bool = False

    def hears_waveform(self, drive: Drive) -> bool:
        """Return whether the dream of a drive is heard as a waveform; otherwise as magnitudes."""
        return drive.gives_waveform and (self.reads_waveform or not drive.gives_magnitude)

    def known_latency(self, n_fft: int) -> int | None:
        """Return the latency of a processor whose blocks vary, in samples.

        None where the sound waits for a dream's waveform: then it depends on the network.
        """
        if not self.delays_sound:
            return 0
        return None if self.reads_waveform else n_fft - 1

    def samples_ahead(self, n_fft: int) -> int:
        """Return how far ahead of the sound additions are read.

        A filter without delay needs frames whose two last hops, which are heard, begin now; the
        others have the delay of a frame themselves.
        """
        return n_fft // 2 if self.minimum_phase else 0

    @property
    def waveform_drives(self) -> Mapping[str, bool]:
        """`hears_waveform` for the name of each drive."""
        return {name: self.hears_waveform(drive) for name, drive in DRIVES.items()}


ALIGNMENTS: Mapping[str, Alignment] = {
    alignment.name: alignment
    for alignment in (
        Alignment(
            "live",
            "the newest dream shapes the present sound",
            reads_waveform=False,
            delays_sound=True,
        ),
        Alignment(
            "zero-latency",
            "the same without any delay",
            reads_waveform=False,
            delays_sound=False,
            minimum_phase=True,
        ),
        Alignment("echo", "the dream comes later", reads_waveform=True, delays_sound=False),
        Alignment(
            "aligned", "the sound waits for its dream", reads_waveform=True, delays_sound=True
        ),
    )
}
"""Every alignment by its name, in the order in which menus show them."""
