"""Sound files of strangers: comments that look like something else, tags without end."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from innerear.engine.errors import AudioFileError
from innerear.engine.io import audio_files
from innerear.engine.io.audio_files import SoundReader, read_sound
from innerear.engine.io.mpeg_tags import find_sound


def test_a_comment_that_looks_like_a_log_is_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(100), 8000, "PCM_16")
    comment = b"data : 00700000000000000000000000 (should be 01)\0\0"
    chunk = b"INFOICMT" + struct.pack("<I", len(comment)) + comment
    path.write_bytes(path.read_bytes() + b"LIST" + struct.pack("<I", len(chunk)) + chunk)
    assert read_sound(path)[0].shape == (1, 100)


def test_a_sound_that_is_too_long_to_be_held_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile.write(tmp_path / "a.flac", np.zeros((300, 2)), 8000)
    monkeypatch.setattr(audio_files, "_MOST_NUMBERS", 500)
    with pytest.raises(AudioFileError, match="300 samples of 2 channels are too many"):
        read_sound(tmp_path / "a.flac")


def test_tags_without_end_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"ID3\x04\0\0\0\0\0\0" * 200_000)
    reads = 0

    class Counting(io.BytesIO):
        def read(self, *arguments: Any) -> bytes:
            nonlocal reads
            reads += 1
            return super().read(*arguments)

    find_sound(Counting(path.read_bytes()))
    assert reads < 200
    with pytest.raises(AudioFileError):
        SoundReader(path)
