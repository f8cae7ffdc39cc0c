"""Rendering files and arrays: nothing lost, nothing half-written, the same bytes again."""

import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import innerear
from innerear.engine.errors import InnerearError
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.plugin.render import render_file

FORMATS = [
    ("wav", "PCM_16"),
    ("wav", "PCM_24"),
    ("wav", "FLOAT"),
    ("flac", "PCM_16"),
    ("ogg", "VORBIS"),
]


def _write(path: Path, samples: int, rate: int, channels: int, subtype: str = "PCM_16") -> Path:
    sound = np.random.default_rng(1).uniform(-0.25, 0.25, (samples, channels))
    soundfile.write(path, sound, rate, subtype)
    return path


def _render(source: Path, destination: Path, toy_pack: Path, **values: Any) -> dict[str, Any]:
    parameters = ParameterSet(model=str(toy_pack), lookahead_ms=50.0)
    for id, value in values.items():
        parameters.set(id, value)
    return render_file(source, destination, parameters)


@pytest.mark.parametrize("alignment", ["live", "echo", "aligned"])
@pytest.mark.parametrize(("suffix", "subtype"), FORMATS)
def test_mix_zero_gives_the_input_bit_for_bit(
    toy_pack: Path, tmp_path: Path, suffix: str, subtype: str, alignment: str
) -> None:
    source = _write(tmp_path / f"in.{suffix}", 5000, 44_100, 2, subtype)
    report = _render(source, tmp_path / "out.wav", toy_pack, mix=0.0, alignment=alignment)
    before, rate = soundfile.read(source, dtype="float32")
    after, rate_after = soundfile.read(tmp_path / "out.wav", dtype="float32")
    assert rate_after == rate
    np.testing.assert_array_equal(after, before)
    assert report["samples"] == 5000


@pytest.mark.parametrize("samples", [1, 2, 127, 128, 129, 20_000])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2), (192_000, 3)])
def test_length_rate_and_channels_are_kept(
    toy_pack: Path, tmp_path: Path, samples: int, rate: int, channels: int
) -> None:
    source = _write(tmp_path / "in.wav", samples, rate, channels)
    for alignment in ("live", "aligned"):
        _render(source, tmp_path / "out.flac", toy_pack, alignment=alignment)
        info = soundfile.info(tmp_path / "out.flac")
        assert (info.frames, info.samplerate, info.channels) == (samples, rate, channels)


def test_the_same_settings_give_the_same_bytes(toy_pack: Path, tmp_path: Path) -> None:
    source = _write(tmp_path / "in.wav", 30_000, 48_000, 2)
    for suffix in ("wav", "flac", "ogg"):
        outs = [tmp_path / f"{number}.{suffix}" for number in (1, 2)]
        for out in outs:
            _render(source, out, toy_pack, combine="add", feedback=0.5)
        assert outs[0].read_bytes() == outs[1].read_bytes()


def test_the_report_says_what_was_done(toy_pack: Path, tmp_path: Path) -> None:
    source = _write(tmp_path / "in.wav", 48_000, 48_000, 1)
    path = tmp_path / "report.json"
    seen: list[tuple[int, int]] = []
    parameters = ParameterSet(model=str(toy_pack), target="Low tone")
    returned = render_file(
        source, tmp_path / "out.wav", parameters, block_size=256, seed=7, report=path,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    report = json.loads(path.read_text())
    assert report == returned
    assert report["block_size"] == 256
    assert report["seed"] == 7
    assert report["parameters"]["target"] == "Low tone"
    assert 39 <= report["dreams"]["count"] <= 41  # forty updates a second
    assert report["dreams"]["late"] == 0
    assert 0 < report["dreams"]["age_ms"]["p50"] <= report["dreams"]["age_ms"]["p99"] < 60
    assert set(report["block_ms"]) == {"p50", "p99", "p999", "max"}
    assert report["peak_dbfs"] == pytest.approx(
        20 * np.log10(np.abs(soundfile.read(tmp_path / "out.wav")[0]).max()), abs=0.01
    )
    assert seen[-1] == (48_000, 48_000)


@pytest.mark.parametrize("alignment", ["aligned", "echo"])
def test_no_dream_is_late_before_the_first_is_due(
    toy_pack: Path, tmp_path: Path, alignment: str
) -> None:
    source = _write(tmp_path / "in.wav", 48_000, 48_000, 1)
    parameters = ParameterSet(model=str(toy_pack), alignment=alignment, target="Low tone")
    report = render_file(source, tmp_path / "out.wav", parameters)
    assert report["dreams"]["late"] == 0


def test_threads_take_quick_turns_while_it_renders(toy_pack: Path, tmp_path: Path) -> None:
    """One that has its gradient need not wait for what another computes in Python."""
    usual = sys.getswitchinterval()
    before = 0.005
    sys.setswitchinterval(before)
    source = _write(tmp_path / "in.wav", 5000, 44_100, 1)

    def interrupt(done: int, total: int) -> None:
        assert sys.getswitchinterval() < before
        raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            render_file(
                source, tmp_path / "out.wav", ParameterSet(model=str(toy_pack)), progress=interrupt
            )
        assert sys.getswitchinterval() == pytest.approx(before)
    finally:
        sys.setswitchinterval(usual)


@pytest.mark.soak
def test_memory_does_not_grow_with_length(toy_pack: Path, tmp_path: Path) -> None:
    peaks = []
    for seconds in (2, 20):
        source = _write(tmp_path / "in.wav", 8000 * seconds, 8000, 1)
        _render(source, tmp_path / "warm-up.wav", toy_pack)
        tracemalloc.start()
        _render(source, tmp_path / "out.wav", toy_pack)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    whole_file = 4 * 8000 * 18
    assert peaks[1] - peaks[0] < whole_file / 2


@pytest.mark.parametrize("shape", [(4000,), (1, 4000), (2, 4000)])
def test_from_python_the_shape_is_kept(toy_pack: Path, shape: tuple[int, ...]) -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, shape)
    pack = innerear.load(toy_pack)
    dreamed = innerear.render(sound, 16_000, pack, target="Low tone", combine="add")
    assert dreamed.shape == shape
    assert dreamed.dtype == np.float32
    assert np.abs(dreamed - sound).max() > 1e-3
    np.testing.assert_array_equal(
        innerear.render(sound, 16_000, pack, mix=0.0), sound.astype(np.float32)
    )


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros((1, 1, 9)), np.array([0.0, np.nan])])
def test_from_python_what_is_no_sound_is_refused(toy_pack: Path, sound: np.ndarray) -> None:
    with pytest.raises(InnerearError, match="sound"):
        innerear.render(sound, 16_000, innerear.load(toy_pack))


def test_an_output_that_cannot_be_is_told_before_any_work(toy_pack: Path, tmp_path: Path) -> None:
    source = _write(tmp_path / "in.wav", 100, 16_000, 1)
    before = set(tmp_path.iterdir())
    for destination in ("no-folder/out.wav", "out.m4a", "."):
        with pytest.raises(InnerearError):
            _render(source, tmp_path / destination, toy_pack)
    with pytest.raises(InnerearError, match="Low tone"):
        _render(source, tmp_path / "out.wav", toy_pack, target="Lo tone")
    assert set(tmp_path.iterdir()) == before
