"""Bundles get to where hosts look for them, whole or not at all, and away again."""

import os
import sys
from pathlib import Path

import pytest

from innerear._version import VERSION
from innerear.plugin import build as building
from innerear.plugin.built import built_record, find_built
from innerear.plugin.formats import FORMATS, FormatName, PluginError
from innerear.plugin.install import find_installed, install, python_lines, remove
from innerear.plugin.record import read_record, write_record

LV2, VST3, CLAP = FORMATS.values()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def places(tmp_path: Path) -> list:
    return [(format_, tmp_path / f"user/{name}") for name, format_ in FORMATS.items()]


def test_a_bundle_says_which_python_it_runs_in(folder: Path, tmp_path: Path) -> None:
    wanted = places(tmp_path)
    assert install(wanted, folder) == [where / format_.bundle for format_, where in wanted]
    user = tmp_path / "user"
    assert (user / "lv2/innerear.lv2/Innerear.so").read_bytes() == b"library of lv2"
    resources = (
        user / "lv2/innerear.lv2/python.txt",
        user / "vst3/Innerear.vst3/Contents/Resources/python.txt",
        user / "clap/innerear/python.txt",
    )
    for path in resources:
        python, *folders = path.read_text().splitlines()
        assert Path(python).samefile(sys.executable)
        assert all(Path(each).is_absolute() for each in folders)
    for format_, where in wanted:
        found = find_installed(format_, where)
        assert found is not None
        assert (found.record.version, found.python_exists) == (VERSION, True)


def test_a_python_that_went_away_is_noticed(folder: Path, tmp_path: Path) -> None:
    install([(LV2, tmp_path)], folder)
    (tmp_path / LV2.bundle / "python.txt").write_text("/no/such/python\n")
    found = find_installed(LV2, tmp_path)
    assert found is not None
    assert not found.python_exists


def test_the_python_is_the_environment_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[3]), "", "extra"]))
    python, *folders = python_lines()
    assert python == os.path.abspath(sys.executable)  # and not where a link leads to
    assert folders == [str(Path(__file__).parents[3]), os.path.abspath("extra")]


def test_an_earlier_installation_is_replaced_whole(folder: Path, tmp_path: Path) -> None:
    install([(CLAP, tmp_path)], folder)
    (folder / CLAP.bundle / CLAP.binary).write_bytes(b"newer")
    install([(CLAP, tmp_path)], folder)
    assert (tmp_path / CLAP.bundle / CLAP.binary).read_bytes() == b"newer"
    assert [path.name for path in tmp_path.iterdir() if path != folder] == [CLAP.bundle]


def test_where_one_cannot_be_installed_none_is(folder: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "user/clap/innerear"
    theirs.mkdir(parents=True)
    (theirs / "Innerear.clap").write_bytes(b"someone else's")
    before = contents(tmp_path)
    with pytest.raises(PluginError, match=r"user/clap/innerear is not what innerear installed"):
        install(places(tmp_path), folder)
    assert contents(tmp_path) == before


def test_a_disk_that_refuses_leaves_all_as_it_was(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(places(tmp_path), folder)
    before = contents(tmp_path)

    def refuse(source: Path, target: Path) -> None:
        if source.name == "Innerear.clap":
            raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr("innerear.plugin.install.shutil.copy", refuse)
    with pytest.raises(PluginError, match="the disk is full"):
        install(places(tmp_path), folder)
    assert contents(tmp_path) == before


def test_what_a_killed_installation_left_is_swept(folder: Path, tmp_path: Path) -> None:
    left, at_work = tmp_path / ".installing-left", tmp_path / ".installing-now"
    for each in (left, at_work):
        (each / CLAP.bundle).mkdir(parents=True)
    os.utime(left, (0, 0))
    install([(CLAP, tmp_path)], folder)
    assert not left.exists()
    assert at_work.exists()


def test_only_what_was_installed_is_removed(folder: Path, tmp_path: Path) -> None:
    install(places(tmp_path), folder)
    preset = tmp_path / "user/lv2/innerear.lv2/presets/mine.ttl"
    preset.parent.mkdir()
    preset.write_text("kept by a host")
    install(places(tmp_path), folder)  # as after an update
    (tmp_path / "user/lv2/others.lv2").mkdir()
    left = []
    for format_, where in places(tmp_path):
        found = find_installed(format_, where)
        assert found is not None
        left += remove(found)
    assert left == [preset]
    assert contents(tmp_path / "user") == {"lv2/innerear.lv2/presets/mine.ttl": b"kept by a host"}
    assert sorted(path.name for path in (tmp_path / "user").glob("*/*")) == [
        "innerear.lv2",
        "others.lv2",
    ]


def test_a_record_that_points_outside_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "innerear.json").write_text(
        '{"version": "1", "sources": "", "files": ["../precious"]}'
    )
    assert read_record(tmp_path) is None
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "link").symlink_to(tmp_path)
    for file in ("link/precious", "/precious", "a\\u0000b"):
        (bundle / "innerear.json").write_text(
            f'{{"version": "1", "sources": "", "files": ["{file}"]}}'
        )
        assert read_record(bundle) is None, file


def test_a_host_s_own_path_of_lv2_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("LV2_PATH", raising=False)
    assert LV2.user_folder == tmp_path / ".lv2"
    monkeypatch.setenv("LV2_PATH", f"/usr/lib/lv2:{tmp_path}/.lv2")
    assert LV2.user_folder == tmp_path / ".lv2"
    monkeypatch.setenv("LV2_PATH", "/plugins/lv2:/usr/lib/lv2")
    assert LV2.user_folder == Path("/plugins/lv2")
    assert VST3.user_folder == tmp_path / ".vst3"


def test_bundles_of_other_sources_are_not_installed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innerear.plugin.built.build_folder", lambda: folder)
    assert find_built() == folder
    write_record(folder / CLAP.bundle, VERSION, "of another checkout")
    assert built_record(folder) is None
    assert find_built() is None


def test_a_missing_compiler_or_dpf_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PluginError, match=r"apt install g\+\+ dpf-source") as caught:
        building.build(tmp_path / "made", tmp_path)
    assert "the compiler g++" in str(caught.value)
    assert "DPF" in str(caught.value)
    assert not (tmp_path / "made").exists()


def test_a_build_that_fails_leaves_the_earlier_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = tmp_path / "g++"
    compiler.write_text("#!/bin/sh\necho 'Plugin.cpp:1: error: no such thing' >&2\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    (tmp_path / "distrho").mkdir()
    (tmp_path / "distrho/DistrhoPluginMain.cpp").write_text("")
    before = contents(folder)
    with pytest.raises(PluginError, match=r"does not compile: Plugin\.cpp:1: error: no such thing"):
        building.build(folder, tmp_path)
    assert contents(folder) == before
    assert [path.name for path in folder.glob(".*")] == []


def test_all_three_formats_are_built(built_plugins: Path) -> None:
    record = built_record(built_plugins)
    assert record is not None
    assert record.sources == building.fingerprint()
    for format_ in FORMATS.values():
        assert (built_plugins / format_.bundle / format_.binary).read_bytes().startswith(b"\x7fELF")
    manifest = (built_plugins / FORMATS[FormatName.LV2].bundle / "manifest.ttl").read_text()
    assert "lv2:binary <Innerear.so>" in manifest
