"""`innerear models add` and `remove`: packs come whole or not at all, wherever from."""

import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from innerear.engine.errors import ModelError
from innerear.engine.packs.adding import download as downloading
from innerear.engine.packs.adding.download import PIECE, Published, download
from innerear.engine.packs.pack import load_pack
from innerear.engine.packs.store import adding

from ..toy_pack import change_manifest, sign
from .conftest import CONTENT, Run, Server

Refused = Callable[..., str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the user's own packs, which is not there yet."""
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    monkeypatch.setattr("innerear.engine.packs.pack.SHIPPED_FOLDER", shipped)
    monkeypatch.setattr("innerear.engine.packs.store.SHIPPED_FOLDER", shipped)
    folder = tmp_path / "user" / "models"
    for module in ("pack", "store"):
        monkeypatch.setattr(f"innerear.engine.packs.{module}.user_folder", lambda: folder)
    return folder


@pytest.fixture
def published(server: Server, monkeypatch: pytest.MonkeyPatch) -> Published:
    """Return a file of the server's, which stands for YAMNet's weights; nobody waits for it."""
    monkeypatch.setattr(downloading, "PAUSE_SECONDS", 0.0)
    file = Published(server.url, hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    with suppress(ImportError):  # without torch there is only the download itself to test
        monkeypatch.setattr("innerear.models.training.add_yamnet.WEIGHTS", file)
    return file


def test_a_file_is_downloaded_and_progress_shown(published: Published, tmp_path: Path) -> None:
    shown: list[float] = []
    download(published, tmp_path / "file", shown.append)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert shown == sorted(shown)
    assert shown[-1] == len(CONTENT)


def test_a_download_goes_on_where_it_broke_off(
    published: Published, server: Server, tmp_path: Path
) -> None:
    server.breaks_after = [6 * PIECE, 0, 3 * PIECE]
    download(published, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    starts = [6 * PIECE, 6 * PIECE, 9 * PIECE]
    assert server.ranges == [None, *(f"bytes={start}-" for start in starts)]


def test_a_server_without_ranges_begins_again(
    published: Published, server: Server, tmp_path: Path
) -> None:
    server.knows_ranges = False
    server.breaks_after = [100_000]
    download(published, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def _break(server: Server) -> None:
    server.breaks_after = [100_000] + [0] * 99


def _flip_a_byte(server: Server) -> None:
    server.content = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])


def _send_too_much(server: Server) -> None:
    server.content = CONTENT + b"x"


def _send_too_little(server: Server) -> None:
    server.content = CONTENT[:1000]


def _go_away(server: Server) -> None:
    server.status = 404


FAILURES: dict[str, tuple[Callable[[Server], None], str]] = {
    "broken off": (_break, "broke off|connection fails"),
    "a changed byte": (_flip_a_byte, "checksum"),
    "too much": (_send_too_much, "checksum"),
    "too little": (_send_too_little, "connection fails"),
    "gone": (_go_away, "404"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failed_download_leaves_nothing_behind(
    failure: str, published: Published, server: Server, home: Path, refused: Refused,
    require: Callable[..., None],
) -> None:  # fmt: skip
    require("torch")
    spoil, words = FAILURES[failure]
    spoil(server)
    assert re.search(words, refused("models", "add", "yamnet"))
    assert not home.parent.exists()


@pytest.mark.parametrize("failure", FAILURES)
def test_the_download_alone_leaves_nothing_behind(
    failure: str, published: Published, server: Server, tmp_path: Path
) -> None:
    spoil, words = FAILURES[failure]
    spoil(server)
    (tmp_path / "place").mkdir()
    with pytest.raises(ModelError, match=words):
        download(published, tmp_path / "place" / "file")
    assert not list((tmp_path / "place").iterdir())


def test_nobody_there(published: Published, refused: Refused, monkeypatch: pytest.MonkeyPatch,
                      require: Callable[..., None]) -> None:  # fmt: skip
    require("torch")
    nowhere = Published("http://127.0.0.1:9/yamnet.h5", published.sha256, published.size)
    monkeypatch.setattr("innerear.models.training.add_yamnet.WEIGHTS", nowhere)
    assert "127.0.0.1:9/yamnet.h5 cannot be downloaded" in refused("models", "add", "yamnet")


def test_without_torch_nothing_is_downloaded(
    refused: Refused, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "pip install 'innerear[torch]'" in refused("models", "add", "yamnet")
    assert not server.ranges


def test_weights_from_a_file(
    run: Run, shared_data: Path, home: Path, server: Server, published: Published,
    monkeypatch: pytest.MonkeyPatch, require: Callable[..., None],
) -> None:  # fmt: skip
    """The import itself is tested in tests/models: here a stand-in writes a small pack."""
    require("torch")
    source = shared_data / "yamnet" / "yamnet.tflite"
    made = []

    def build(weights: Path, folder: Path, progress: Callable[[float], None]) -> None:
        made.append(weights)
        (folder / "nothing").write_text("no pack")

    monkeypatch.setattr("innerear.models.training.add_yamnet.build_yamnet_pack", build)
    outcome = run("models", "add", "yamnet", "--from", source)
    assert outcome.status == 2
    assert "not a model pack" in outcome.err
    assert made == [source]
    assert not server.ranges
    assert not home.parent.exists()


def test_weights_that_are_none(
    refused: Refused, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("torch")
    assert "There is no file" in refused("models", "add", "yamnet", "--from", tmp_path / "none")
    (tmp_path / "text.h5").write_text("no weights")
    line = refused("models", "add", "yamnet", "--from", tmp_path / "text.h5")
    assert "text.h5" in line
    assert "no TensorFlow Lite file" in line


def test_a_folder_is_added_and_removed(run: Run, toy_pack: Path, home: Path) -> None:
    (extra := toy_pack / "notes.txt").write_text("not in the manifest")
    outcome = run("models", "add", toy_pack)
    extra.unlink()
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out == f"Added toy-tones: {home / 'toy-tones'}\n"
    assert {path.name for path in home.iterdir()} == {"toy-tones"}
    assert not (home / "toy-tones" / "notes.txt").exists()
    assert load_pack("toy-tones").folder == home / "toy-tones"
    # Once more: it is replaced.
    assert run("models", "add", toy_pack).status == 0
    assert {path.name for path in home.iterdir()} == {"toy-tones"}
    assert run("models", "remove", "toy-tones").status == 0
    assert not list(home.iterdir())


def test_a_pack_that_is_added_already(
    run: Run, refused: Refused, toy_pack: Path, home: Path
) -> None:
    run("models", "add", toy_pack)
    assert "added already" in refused("models", "add", home / "toy-tones")


def test_an_added_pack_hides_no_shipped_one(
    run: Run, refused: Refused, toy_pack: Path, tmp_path: Path
) -> None:
    shutil.copytree(toy_pack, tmp_path / "shipped" / "toy-tones")
    assert "came with Innerear" in refused("models", "add", toy_pack)
    assert "cannot be removed" in refused("models", "remove", "toy-tones")
    assert (tmp_path / "shipped" / "toy-tones").is_dir()


def _change_a_byte(pack: Path) -> None:
    content = bytearray((pack / "hear.onnx").read_bytes())
    content[-1] ^= 1
    (pack / "hear.onnx").write_bytes(content)


def _lose_a_file(pack: Path) -> None:
    (pack / "dream.onnx").unlink()


def _be_newer(pack: Path) -> None:
    change_manifest(pack, lambda content: content.update(schema_version=99))


def _climb_out(pack: Path) -> None:
    change_manifest(pack, lambda content: content.update(name="../toy"))


def _list_a_path(pack: Path) -> None:
    change_manifest(pack, lambda content: content["files"].update({"../secret": "0" * 64}))


def _keep_tensors_elsewhere(pack: Path) -> None:
    import onnx

    model = onnx.load(pack / "hear.onnx")
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.ClearField("raw_data")
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../secret"
    (pack / "hear.onnx").write_bytes(model.SerializeToString())
    sign(pack, "hear.onnx")


def _be_a_link(pack: Path) -> None:
    (pack / "dream.onnx").rename(pack.parent / "elsewhere.onnx")
    (pack / "dream.onnx").symlink_to(pack.parent / "elsewhere.onnx")


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a changed byte": (_change_a_byte, "checksum"),
    "a missing file": (_lose_a_file, "dream.onnx is missing"),
    "a newer schema": (_be_newer, "schema_version 99"),
    "a name that leads out": (_climb_out, "name"),
    "a file that leads out": (_list_a_path, "../secret"),
    "tensors elsewhere": (_keep_tensors_elsewhere, "tensors in other files"),
    "a link": (_be_a_link, "is a link"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_pack_is_refused(
    damage: str, refused: Refused, toy_pack: Path, tmp_path: Path, home: Path
) -> None:
    pytest.importorskip("onnx", reason="onnx is missing (pip install 'innerear[torch]')")
    spoil, words = DAMAGES[damage]
    pack = tmp_path / "toy-tones"
    shutil.copytree(toy_pack, pack)
    spoil(pack)
    line = refused("models", "add", pack)
    assert words in line
    assert ".adding-" not in line
    assert not home.parent.exists()


def test_a_refused_pack_leaves_the_old_one(
    run: Run, refused: Refused, toy_pack: Path, tmp_path: Path, home: Path
) -> None:
    run("models", "add", toy_pack)
    shutil.copytree(toy_pack, tmp_path / "new")
    _change_a_byte(tmp_path / "new")
    refused("models", "add", tmp_path / "new")
    assert load_pack("toy-tones").folder == home / "toy-tones"


def test_interrupted_it_leaves_nothing_behind(home: Path) -> None:
    def interrupt() -> None:
        with adding("new") as folder:
            (folder / "half").write_text("a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert not home.parent.exists()


def test_what_was_killed_is_swept_away(run: Run, toy_pack: Path, home: Path) -> None:
    for name, hours in ((".adding-0", 30), (".removing-0", 30), (".adding-1", 1)):
        (home / name).mkdir(parents=True)
        then = time.time() - 3600 * hours
        os.utime(home / name, (then, then))
    run("models", "add", toy_pack)
    assert {path.name for path in home.iterdir()} == {".adding-1", "toy-tones"}


def test_a_full_disk_is_one_line(home: Path) -> None:
    with pytest.raises(ModelError, match="disk is full"), adding("new"):
        raise OSError(28, "No space left on device", "anything")


def test_a_published_model_that_is_not_added_yet(refused: Refused) -> None:
    assert "innerear models add yamnet" in refused("models", "info", "yamnet")


def test_unknown_names_list_the_nearest(run: Run, refused: Refused, toy_pack: Path) -> None:
    assert "Did you mean yamnet?" in refused("models", "add", "yamnett")
    assert "no folder" in refused("models", "add", "some/where")
    assert "You have added none" in refused("models", "remove", "yamnet")
    run("models", "add", toy_pack)
    assert "Did you mean toy-tones?" in refused("models", "remove", "toy")
    for path in ("..", ".", "", "../models", "toy-tones/"):
        assert "no added model" in refused("models", "remove", path)
    assert "--from" in refused("models", "add", toy_pack, "--from", "file")
