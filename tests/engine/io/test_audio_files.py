"""Sound files come in and go out whole, exact where the format allows, or not at all."""

import os
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from innerear.engine.errors import AudioFileError
from innerear.engine.io.audio_files import SoundReader, SoundWriter, read_sound
from innerear.engine.io.ogg import fix_serial

RATES = (8_000, 44_100, 192_000)
EVERY_SUFFIX = (".wav", ".flac", ".ogg", ".mp3", ".aiff")


def noise(channels: int, samples: int, seed: int = 0) -> np.ndarray:
    uniform = np.random.default_rng(seed).uniform(-1, 1, (channels, samples))
    return uniform.astype(np.float32)


def write(path: Path, sound: np.ndarray, sample_rate: int = 48_000, block: int = 128) -> None:
    with SoundWriter(path, sample_rate, len(sound)) as writer:
        for start in range(0, sound.shape[1], block):
            writer.write(sound[:, start : start + block])


def source(folder: Path, suffix: str, subtype: str, samples: int = 20_000) -> Path:
    path = folder / f"source{suffix}"
    soundfile.write(path, 0.5 * noise(2, samples).T, 48_000, subtype)
    return path


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("samples", [1, 127, 128, 65_536, 200_000])
def test_wav_holds_exactly_what_was_written(tmp_path: Path, channels: int, samples: int) -> None:
    sound = 3 * noise(channels, samples)
    write(tmp_path / "out.wav", sound, 44_100)
    heard, sample_rate = read_sound(tmp_path / "out.wav")
    assert sample_rate == 44_100
    assert heard.dtype == np.float32
    np.testing.assert_array_equal(heard, sound)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
@pytest.mark.parametrize("suffix_in", [".wav", ".flac"])
@pytest.mark.parametrize("suffix_out", [".wav", ".flac", ".aiff"])
def test_integers_survive(tmp_path: Path, subtype: str, suffix_in: str, suffix_out: str) -> None:
    path = tmp_path / f"source{suffix_in}"
    bits = 16 if subtype == "PCM_16" else 24
    steps = np.random.default_rng(0).integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (5000, 2))
    steps[:2] = [[-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]] * 2
    soundfile.write(path, (steps << (32 - bits)).astype(np.int32), 48_000, subtype)
    sound, rate = read_sound(path)
    write(tmp_path / f"copy{suffix_out}", sound, rate)
    copy, _ = soundfile.read(tmp_path / f"copy{suffix_out}", dtype="int32")
    original, _ = soundfile.read(path, dtype="int32")
    if suffix_out == ".wav":
        copy, original = read_sound(tmp_path / "copy.wav")[0], sound
    np.testing.assert_array_equal(copy, original)


@pytest.mark.parametrize(
    ("suffix", "sample_rate"),
    [
        *((suffix, rate) for suffix in (".wav", ".flac", ".ogg", ".aiff") for rate in RATES),
        *((".mp3", rate) for rate in (8_000, 44_100)),
    ],
)
@pytest.mark.parametrize("samples", [1, 2, 1000, 70_001])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_keeps_length_rate_and_channels(
    tmp_path: Path, suffix: str, samples: int, sample_rate: int, channels: int
) -> None:
    path = tmp_path / f"out{suffix}"
    write(path, 0.3 * noise(channels, samples), sample_rate)
    heard, heard_rate = read_sound(path)
    assert heard.shape == (channels, samples)
    assert heard_rate == sample_rate


@pytest.mark.parametrize("suffix", EVERY_SUFFIX)
def test_the_same_sound_gives_the_same_bytes(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = 0.3 * noise(2, 100_000)
    write(tmp_path / f"a{suffix}", sound)
    write(tmp_path / f"b{suffix}", sound, block=4096)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_wav_carries_no_date_and_is_plain_riff(tmp_path: Path) -> None:
    write(tmp_path / "out.wav", noise(1, 100))
    content = (tmp_path / "out.wav").read_bytes()
    assert content[:4] == b"RIFF"
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    assert b"PEAK" not in content
    assert len(content) == 94 + 400


def test_ogg_pages_keep_valid_checksums(tmp_path: Path) -> None:
    write(tmp_path / "out.ogg", 0.3 * noise(2, 150_000))
    content = (tmp_path / "out.ogg").read_bytes()
    start = pages = 0
    while start < len(content):
        segments = content[start + 26]
        end = start + 27 + segments + sum(content[start + 27 : start + 27 + segments])
        page = content[start:end]
        assert page[14:18] == bytes(4)
        (stored,) = struct.unpack("<I", page[22:26])
        assert stored == ogg_checksum(page[:22] + bytes(4) + page[26:])
        start, pages = end, pages + 1
    assert pages > 2


def test_an_ogg_file_with_a_page_missing_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "out.ogg"
    write(path, 0.3 * noise(2, 150_000))
    content = path.read_bytes()
    third, fourth = [at.start() for at in re.finditer(b"OggS", content)][2:4]
    for damaged in (content[:third] + content[fourth:], content[:-1], content + b"x"):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="page"):
            fix_serial(path)


def ogg_checksum(page: bytes) -> int:
    remainder = 0
    for byte in page:
        remainder ^= byte << 24
        for _ in range(8):
            remainder = (remainder << 1) ^ (0x104C11DB7 if remainder >> 31 else 0)
    return remainder


def test_a_wav_over_four_gigabytes_becomes_rf64(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innerear.engine.io.wav._LARGEST_RIFF", 1000)
    sound = noise(2, 5000)
    write(tmp_path / "out.wav", sound)
    assert (tmp_path / "out.wav").read_bytes()[:4] == b"RF64"
    assert soundfile.info(tmp_path / "out.wav").format == "RF64"
    np.testing.assert_array_equal(read_sound(tmp_path / "out.wav")[0], sound)


@pytest.mark.parametrize("size", [1, 17, 128, 4096, 100_000])
def test_blocks_together_are_the_sound(tmp_path: Path, size: int) -> None:
    sound = noise(2, 70_001 if size > 1 else 999)
    write(tmp_path / "out.wav", sound)
    with SoundReader(tmp_path / "out.wav") as reader:
        assert (reader.sample_rate, reader.channels) == (48_000, 2)
        assert reader.samples == sound.shape[1]
        blocks = list(reader.blocks(size))
    assert {block.shape[1] for block in blocks[:-1]} <= {size}
    assert 1 <= blocks[-1].shape[1] <= size
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), sound)


@pytest.mark.parametrize("suffix", EVERY_SUFFIX)
def test_full_scale_is_limited_only_where_the_format_must(tmp_path: Path, suffix: str) -> None:
    loud = np.array([[2.0, -2.0, 1.0, -1.0] * 1000], np.float32)
    write(tmp_path / f"out{suffix}", loud)
    heard, _ = read_sound(tmp_path / f"out{suffix}")
    assert np.abs(heard).max() == 2 if suffix == ".wav" else np.isfinite(heard).all()


BAD = {
    "missing": (lambda path: None, "no such file"),
    "folder": (lambda path: path.mkdir(), "is a folder"),
    "empty": (lambda path: path.write_bytes(b""), "empty"),
    "text": (lambda path: path.write_text("no sound at all\n" * 99), "not a sound file"),
    "no samples": (
        lambda path: soundfile.write(path, np.zeros((0, 1)), 48_000, "PCM_16"),
        "0 samples",
    ),
    "too slow": (lambda path: soundfile.write(path, np.zeros(9), 7_999), "8 to 192 kHz"),
    "too fast": (lambda path: soundfile.write(path, np.zeros(9), 192_001), "8 to 192 kHz"),
}


@pytest.mark.parametrize(
    ("name", "words"), [("a" * 300, "File name too long"), ("a\0b", "no such file")]
)
def test_a_name_that_no_file_can_have_is_refused(name: str, words: str) -> None:
    with pytest.raises(AudioFileError, match=words):
        SoundReader(name)


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_sound_is_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bad.wav"
    make, words = BAD[kind]
    make(path)
    with pytest.raises(AudioFileError, match=words) as caught:
        SoundReader(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".mp3", ".raw", ".aiff"])
def test_text_under_a_sound_name_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"text{suffix}"
    path.write_text("no sound at all\n" * 99)
    with pytest.raises(AudioFileError, match="not a sound file"):
        SoundReader(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_is_not_readable_is_refused(tmp_path: Path) -> None:
    path = source(tmp_path, ".wav", "PCM_16")
    path.chmod(0)
    with pytest.raises(AudioFileError, match="cannot be read"):
        SoundReader(path)


@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [
        (".wav", "PCM_16"),
        (".wav", "PCM_24"),
        (".wav", "FLOAT"),
        (".aiff", "PCM_16"),
        (".flac", "PCM_16"),
        (".ogg", "VORBIS"),
    ],
)
@pytest.mark.parametrize("kept", [0.3, 0.7, 0.999])
def test_a_file_that_is_cut_off_is_refused(
    tmp_path: Path, suffix: str, subtype: str, kept: float
) -> None:
    path = source(tmp_path, suffix, subtype)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(AudioFileError, match=r"cut off|damaged"):
        read_sound(path)


@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [
        (".wav", "PCM_16"),
        (".wav", "FLOAT"),
        (".flac", "PCM_16"),
        (".ogg", "VORBIS"),
        (".aiff", "PCM_24"),
    ],
)
def test_a_damaged_file_is_read_or_refused_but_nothing_else(
    tmp_path: Path, suffix: str, subtype: str
) -> None:
    path = source(tmp_path, suffix, subtype, 6000)
    whole = path.read_bytes()
    generator = np.random.default_rng(0)
    complaints = []
    for _ in range(60):
        content = bytearray(whole)
        for at in generator.integers(0, generator.choice([60, len(whole)]), 3):
            content[at] = generator.integers(0, 256)
        path.write_bytes(content)
        try:
            sound, _ = read_sound(path)
        except AudioFileError as error:
            complaints.append(str(error))
        else:
            assert np.isfinite(sound).all()
    assert len(complaints) > 5
    for complaint in complaints:
        assert str(path) in complaint
        assert "\n" not in complaint


@pytest.mark.parametrize("placeholder", [0xFFFFFFFF, 0x7FFFF024, 0])
def test_a_wav_written_into_a_pipe_is_read_to_its_end(tmp_path: Path, placeholder: int) -> None:
    path = source(tmp_path, ".wav", "PCM_16", 1000)
    content = bytearray(path.read_bytes())
    assert content[36:40] == b"data"
    content[4:8] = content[40:44] = struct.pack("<I", placeholder)
    path.write_bytes(content)
    if placeholder:
        assert read_sound(path)[0].shape == (2, 1000)
    else:
        with pytest.raises(AudioFileError, match="0 samples"):
            SoundReader(path)


def test_a_wav_with_a_wrong_outer_size_is_read(tmp_path: Path) -> None:
    path = source(tmp_path, ".wav", "PCM_16", 1000)
    content = bytearray(path.read_bytes())
    content[4:8] = struct.pack("<I", len(content))
    path.write_bytes(content)
    assert read_sound(path)[0].shape == (2, 1000)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        *((value, "not a number") for value in (np.nan, np.inf, -np.inf)),
        (-3e38, "3e+38 times full scale"),
    ],
)
def test_nan_is_refused_with_its_place(tmp_path: Path, value: float, words: str) -> None:
    sound = noise(2, 100_000)
    sound[1, 72_000] = value
    write(tmp_path / "bad.wav", sound)
    with SoundReader(tmp_path / "bad.wav") as reader:
        blocks = reader.blocks(128)
        next(blocks)
        with pytest.raises(AudioFileError) as caught:
            list(blocks)
    assert f"sample 72000 (1.500 s) is {words}; repair" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("out.aac", r"end it in \.wav, \.flac, \.ogg, \.mp3, \.aiff or \.aif"),
        ("out", "no suffix"),
        ("nowhere/out.wav", "does not exist"),
        ("file.txt/out.wav", "not a folder"),
        ("folder.wav", "is a folder"),
    ],
)
def test_an_output_that_cannot_be_is_refused_up_front(
    tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / "file.txt").write_text("")
    (tmp_path / "folder.wav").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(AudioFileError, match=words) as caught:
        SoundWriter(tmp_path / name, 48_000, 2)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_more_than_a_format_holds_is_refused_up_front(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="at most 8 channels"):
        SoundWriter(tmp_path / "out.flac", 48_000, 9)
    with pytest.raises(AudioFileError, match="65537 Hz"):
        SoundWriter(tmp_path / "out.flac", 65_537, 1)
    with pytest.raises(AudioFileError, match="at most 2 channels"):
        SoundWriter(tmp_path / "out.mp3", 48_000, 3)
    with pytest.raises(AudioFileError, match=r"96000 Hz; write \.wav"):
        SoundWriter(tmp_path / "out.mp3", 96_000, 1)


def test_an_aiff_of_more_than_four_gigabytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innerear.engine.io.encoders.MOST_AIFF_BYTES", 30_000)
    write(tmp_path / "out.aiff", noise(1, 10_000))
    with pytest.raises(AudioFileError, match=r"4 gigabytes.*\.wav or \.flac"):
        write(tmp_path / "longer.aiff", noise(1, 10_001))
    assert [path.name for path in tmp_path.iterdir()] == ["out.aiff"]


@pytest.mark.parametrize("suffix", EVERY_SUFFIX)
@pytest.mark.parametrize("samples", [0, 100, 100_000])
def test_a_failure_leaves_nothing_behind(tmp_path: Path, suffix: str, samples: int) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_text("the older file")

    def stop_midway() -> None:
        with SoundWriter(path, 48_000, 1) as writer:
            if samples:
                writer.write(noise(1, samples))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_midway()
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "the older file"


def test_nothing_stands_under_the_name_before_the_end(tmp_path: Path) -> None:
    with SoundWriter(tmp_path / "out.wav", 48_000, 1) as writer:
        writer.write(noise(1, 200_000))
        assert not (tmp_path / "out.wav").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out.wav"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.wav").write_text("old")
    (tmp_path / "link.wav").symlink_to("real.wav")
    write(tmp_path / "link.wav", noise(1, 100))
    assert (tmp_path / "link.wav").is_symlink()
    assert read_sound(tmp_path / "real.wav")[0].shape == (1, 100)


@pytest.mark.filterwarnings("error")
def test_what_is_no_number_is_written_as_silence_and_infinity_as_full_scale(tmp_path: Path) -> None:
    sound = np.array([[0.5, np.nan, np.inf, -np.inf, -0.5]], np.float32)
    with SoundWriter(tmp_path / "hostile.flac", 8000, 1) as writer:
        writer.write(sound)
    found, _ = read_sound(tmp_path / "hostile.flac")
    np.testing.assert_allclose(found[0], [0.5, 0.0, 1.0, -1.0, -0.5], atol=1e-6)
