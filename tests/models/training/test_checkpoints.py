"""Checkpoints from anywhere are read as numbers: no code in them runs."""

import os
from pathlib import Path

import pytest
import torch

from innerear.engine.errors import ModelError
from innerear.models.training.checkpoints import Checkpoint


class Hostile:
    """Unpickled in the usual way, it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.folder),)


def test_code_in_a_checkpoint_does_not_run(tmp_path: Path) -> None:
    torch.save({"recipe": Hostile(tmp_path / "made")}, tmp_path / "checkpoint.pt")
    with pytest.raises(ModelError, match="damaged"):
        Checkpoint.load(tmp_path / "checkpoint.pt")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 cut off"])
def test_a_damaged_checkpoint_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        Checkpoint.load(tmp_path / "checkpoint.pt")


def test_a_checkpoint_that_must_not_be_read_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").mkdir()  # as root, permissions would be none
    with pytest.raises(ModelError, match=r"cannot be read \(Is a directory\)"):
        Checkpoint.load(tmp_path / "checkpoint.pt")
