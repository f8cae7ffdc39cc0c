"""Files are read to their real end, whatever their header guesses; tags are no sound."""

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from innerear.engine.errors import AudioFileError
from innerear.engine.io.audio_files import SoundReader, read_sound

RATE = 44_100
MPEG_FRAME = 1152
AT_THE_ENDS = 4 * MPEG_FRAME
"""Samples that an encoder adds at both ends, and that stay where no header says how many."""


def loud_then_quiet(samples: int = 20 * RATE) -> np.ndarray:
    """Return a sound whose first frames take many more bytes than most."""
    sound = 0.001 * np.sin(2 * np.pi * 440 * np.arange(samples) / RATE)
    sound[: samples // 4] = np.random.default_rng(0).uniform(-0.5, 0.5, samples // 4)
    return sound.astype(np.float32)


@pytest.fixture(scope="module")
def mpeg(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return an MP3 file of variable rate, whose first frame counts the others."""
    path = tmp_path_factory.mktemp("mpeg") / "whole.mp3"
    options = {"format": "MP3", "bitrate_mode": "VARIABLE", "compression_level": 0.4}
    with soundfile.SoundFile(path, "w", RATE, 1, **options) as file:
        file.write(loud_then_quiet())
    return path.read_bytes()


def first_frame(mpeg: bytes) -> int:
    """Return the length in bytes of the first frame, of MPEG 1 layer III."""
    header = int.from_bytes(mpeg[:4])
    assert header >> 17 == 0x7FFD  # sync, MPEG 1, layer III
    rates = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    return 144_000 * rates[header >> 12 & 15] // RATE + (header >> 9 & 1)


def cover_picture(size: int) -> bytes:
    """Return an ID3v2 tag with a picture of random bytes."""
    picture = b"\0image/jpeg\0\x03\0\xff\xd8\xff\xe0" + np.random.default_rng(1).bytes(size)
    frame = b"APIC" + struct.pack(">IH", len(picture), 0) + picture
    length = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + length + frame


def ape_tag(size: int) -> bytes:
    """Return an APE tag, as it stands at the end of files, with a footer and no header."""
    item = np.random.default_rng(2).bytes(size)
    return item + struct.pack("<8sIIII8x", b"APETAGEX", 2000, size + 32, 1, 0)


def read(path: Path) -> np.ndarray:
    """Return the first channel, and check that the length was known before it was read."""
    with SoundReader(path) as reader:
        blocks = list(reader.blocks(4096))
        assert reader.samples == sum(block.shape[1] for block in blocks)
        again = list(reader.blocks(65_536))
    sound = np.concatenate(blocks, axis=1)
    np.testing.assert_array_equal(sound, np.concatenate(again, axis=1))
    return sound[0]


@pytest.mark.parametrize("samples", [1, 5000, 65_536, 200_000])
def test_a_flac_file_of_unknown_length_is_read_to_its_end(tmp_path: Path, samples: int) -> None:
    path = tmp_path / "pipe.flac"
    soundfile.write(path, loud_then_quiet(samples), RATE, "PCM_16")
    known = read_sound(path)[0][0]
    content = bytearray(path.read_bytes())
    (packed,) = struct.unpack(">Q", content[18:26])
    content[18:26] = struct.pack(">Q", packed >> 36 << 36)
    path.write_bytes(content)
    np.testing.assert_array_equal(read(path), known)


def test_an_mp3_file_without_a_count_is_read_to_its_end(tmp_path: Path, mpeg: bytes) -> None:
    path = tmp_path / "stream.mp3"
    path.write_bytes(mpeg[first_frame(mpeg) :])
    sound = loud_then_quiet()
    assert soundfile.info(path).frames < len(sound) / 2  # what the decoder guesses
    found = read(path)
    assert len(sound) <= len(found) <= len(sound) + AT_THE_ENDS
    burst = np.flatnonzero(np.abs(found) > 0.1)[-1]
    assert abs(burst - len(sound) // 4) < AT_THE_ENDS


@pytest.mark.parametrize("size", [1000, 300_000])
@pytest.mark.parametrize("counted", [True, False])
def test_pictures_and_tags_are_no_sound(
    tmp_path: Path, mpeg: bytes, size: int, counted: bool
) -> None:
    plain, tagged = tmp_path / "plain.mp3", tmp_path / "tagged.mp3"
    stream = mpeg if counted else mpeg[first_frame(mpeg) :]
    plain.write_bytes(stream)
    tagged.write_bytes(cover_picture(size) + stream + ape_tag(size) + b"TAG" + bytes(125))
    np.testing.assert_array_equal(read(tagged), read(plain))


def test_a_tag_of_another_kind_of_file_is_skipped_too(tmp_path: Path) -> None:
    path = tmp_path / "tagged.flac"
    soundfile.write(path, loud_then_quiet(5000), RATE, "PCM_16")
    plain = read(path)
    path.write_bytes(cover_picture(300_000) + path.read_bytes())
    np.testing.assert_array_equal(read(path), plain)


def test_joined_mp3_files_are_both_read(
    tmp_path: Path, mpeg: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "joined.mp3"
    path.write_bytes(mpeg + mpeg)
    samples = len(loud_then_quiet())
    assert 2 * samples <= len(read(path)) <= 2 * (samples + AT_THE_ENDS)
    assert capfd.readouterr().err == ""


def test_an_mp3_file_that_is_cut_off_is_refused(
    tmp_path: Path, mpeg: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cut.mp3"
    path.write_bytes(mpeg[: len(mpeg) // 2])
    with pytest.raises(AudioFileError, match="cut off"):
        SoundReader(path)
    assert capfd.readouterr().err == ""


def test_a_stream_that_stops_within_a_frame_is_read_so_far(tmp_path: Path, mpeg: bytes) -> None:
    path = tmp_path / "stream.mp3"
    stream = mpeg[first_frame(mpeg) :]
    path.write_bytes(stream)
    whole = read(path)
    path.write_bytes(stream[:-50])
    assert len(whole) - 2 * MPEG_FRAME <= len(read(path)) <= len(whole)


def test_memory_does_not_grow_with_a_file_of_unknown_length(tmp_path: Path, mpeg: bytes) -> None:
    path = tmp_path / "long.mp3"
    path.write_bytes(10 * mpeg[first_frame(mpeg) :])
    tracemalloc.start()
    with SoundReader(path) as reader:
        bytes_of_sound = 4 * sum(block.shape[1] for block in reader.blocks(512))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert bytes_of_sound > 30_000_000
    assert peak < 3_000_000


@pytest.mark.parametrize(
    "start", [b"ID3", b"ID3\x03\0\0\x7f\x7f\x7f\x7f", b"ID3\x03\0\0\0\0\0\x10"]
)
def test_a_tag_without_a_sound_is_refused(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "tag.mp3"
    path.write_bytes(start)
    with pytest.raises(AudioFileError, match="not a sound file"):
        SoundReader(path)
