"""Play General MIDI notes with FluidSynth and cut the result into one sound per note."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import mido
import numpy as np
import soundfile
from numpy.typing import NDArray

from ...engine.dsp.resample import resample
from ...engine.errors import InnerearError
from .instruments import Note

SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
RENDER_RATE = 44_100
HELD_SECONDS = 1.4
SPACING_SECONDS = 2.6
TICKS_PER_SECOND = 960
ALL_SOUND_OFF = 120
DRUM_CHANNEL = 9


class MissingToolError(InnerearError):
    """A program or sound set that renders training sound is not installed."""


def require_program(program: str, package: str) -> str:
    """Return the path of a program.

    Raises:
        MissingToolError: it is not installed; the message names the Debian package.
    """
    path = shutil.which(program)
    if path is None:
        raise MissingToolError(f"{program} is not installed: run `sudo apt install {package}`")
    return path


def require_soundfont() -> Path:
    """Return the path of the General MIDI sound set.

    Raises:
        MissingToolError: it is not installed; the message names the Debian package.
    """
    if not SOUNDFONT.exists():
        raise MissingToolError(
            f"the sound set {SOUNDFONT} is missing: run `sudo apt install fluid-soundfont-gm`"
        )
    return SOUNDFONT


def write_midi(notes: Sequence[Note], path: Path) -> None:
    """Write notes `SPACING_SECONDS` apart, each cut off before the next one starts."""
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=1_000_000))
    held = round(HELD_SECONDS * TICKS_PER_SECOND)
    tail = round(SPACING_SECONDS * TICKS_PER_SECOND) - held
    for note in notes:
        channel = DRUM_CHANNEL if note.drum else 0
        track.append(mido.Message("program_change", program=note.program, channel=channel))
        track.append(
            mido.Message("note_on", note=note.key, velocity=note.velocity, channel=channel)
        )
        track.append(mido.Message("note_off", note=note.key, channel=channel, time=held))
        track.append(
            mido.Message("control_change", control=ALL_SOUND_OFF, channel=channel, time=tail)
        )
    file = mido.MidiFile(ticks_per_beat=TICKS_PER_SECOND)
    file.tracks.append(track)
    file.save(path)


def render_notes(notes: Sequence[Note], sample_rate: int, samples: int) -> NDArray[np.float32]:
    """Play notes one by one, without reverb or chorus.

    Args:
        notes: what to play.
        sample_rate: of the result, in hertz.
        samples: length of each sound; at most `SPACING_SECONDS` of them carry sound.

    Returns:
        float32 [notes, samples], mono, each starting at its onset, at the level it was played.

    Raises:
        MissingToolError: FluidSynth or its sound set is not installed.
        InnerearError: FluidSynth failed.
    """
    program = require_program("fluidsynth", "fluidsynth")
    soundfont = require_soundfont()
    with tempfile.TemporaryDirectory() as folder:
        midi, wave = Path(folder) / "notes.mid", Path(folder) / "notes.wav"
        write_midi(notes, midi)
        command = [program, "-q", "-n", "-i", "-R", "0", "-C", "0", "-g", "0.5"]
        command += ["-r", str(RENDER_RATE), "-T", "wav", "-O", "float", "-F", str(wave)]
        command += [str(soundfont), str(midi)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not wave.exists():
            raise InnerearError(f"fluidsynth could not render the notes: {done.stderr.strip()}")
        sound, _ = soundfile.read(wave, dtype="float32", always_2d=True)
    mono = resample(sound.mean(axis=1), RENDER_RATE, sample_rate)
    result = np.zeros((len(notes), samples), dtype=np.float32)
    longest = min(samples, round(SPACING_SECONDS * sample_rate))
    for index in range(len(notes)):
        start = round(index * SPACING_SECONDS * sample_rate)
        piece = mono[start : start + longest]
        result[index, : len(piece)] = piece
    return result
