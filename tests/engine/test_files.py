"""Reading what anybody may have made: JSON, files of any length, texts that may be paths."""

import os
from pathlib import Path

import pytest

from innerear.engine.errors import InnerearError
from innerear.engine.files import (
    check_output,
    names_file,
    names_folder,
    parse_json,
    read_whole,
)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"\xff", "9" * 5000])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


def test_a_file_is_read_up_to_a_length(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_whole(path, 5) == b"12345"
    with pytest.raises(ValueError, match="longer than 4 bytes"):
        read_whole(path, 4)
    with pytest.raises(OSError, match="directory"):
        read_whole(tmp_path, 5)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="no file"):
        read_whole(tmp_path / "pipe", 5)


@pytest.mark.parametrize("text", ["a" * 5000, "a\0b", "", "/nowhere/at/all"])
def test_a_text_that_is_no_path_names_nothing(text: str, tmp_path: Path) -> None:
    assert not names_file(text)
    assert names_folder(text) == (text == ""), "an empty path is the working folder"


def test_paths_name_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert names_file(tmp_path / "file")
    assert not names_folder(tmp_path / "file")
    assert names_folder(str(tmp_path))


@pytest.mark.parametrize("name", ["a" * 300, f"{'a' * 300}/file"])
def test_an_output_whose_name_is_too_long_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(InnerearError, match="cannot be written \\(File name too long\\)"):
        check_output(tmp_path / name)
