"""`innerear export`: a checkpoint and the name of a class become a model."""

import json
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import innerear

from ..thinning import thinned
from .conftest import Run

CODE = """
import torch
from torch import nn

class Net(nn.Module):
    sample_rate = 16000

    def __init__(self, width=4, classes=3):
        super().__init__()
        self.conv = nn.Conv1d(1, width, 16, stride=8)
        self.act = nn.ReLU()
        self.linear = nn.Linear(width, classes)

    def forward(self, x):
        return self.linear(self.act(self.conv(x)).mean(2))

def broken():
    raise RuntimeError("no\\nluck")

number = int
"""


@pytest.fixture(autouse=True)
def place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, require: Callable[..., None]
) -> Iterator[Path]:
    """Work in a folder with a module of the user's, `their_nets`, and weights for it."""
    require("torch")
    import torch

    (tmp_path / "their_nets.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    names: dict = {"__name__": "their_nets"}
    exec(CODE, names)
    torch.manual_seed(0)
    state = names["Net"](width=6).state_dict()
    torch.save(state, "net.pt")
    torch.save({"epoch": 3, "state_dict": {f"module.{k}": v for k, v in state.items()}}, "run.ckpt")
    from safetensors.torch import save_file

    save_file(state, "net.safetensors")
    yield tmp_path
    sys.modules.pop("their_nets", None)


WEIGHTS = ("net.pt", "net.safetensors", "run.ckpt")
WIDE = ("--module", "their_nets:Net", "--settings", '{"width": 6}')


@pytest.mark.parametrize("file", thinned(WEIGHTS, []))
def test_weights_of_every_kind(run: Run, place: Path, file: str) -> None:
    outcome = run(
        *("export", file, *WIDE, "--window", 512, "--classes", "low, high,noise"),
        *("-o", "made/pack", "--name", "theirs", "--json"),
    )
    assert outcome.status == 0, outcome.err
    told = json.loads(outcome.out)
    assert told["name"] == "theirs"
    assert [layer["name"] for layer in told["layers"]] == ["act", "output"]
    assert max(told["hear_error"], told["dream_error"]) < 1e-4
    pack = innerear.load(place / "made" / "pack")
    assert pack.classes == ("low", "high", "noise")
    assert pack.manifest.licence == "as the network's own"
    assert (pack.sample_rate, pack.window) == (16_000, 512)


def test_a_model_of_ones_own(run: Run, refused: Callable[..., str], place: Path) -> None:
    (place / "names.txt").write_text("low\nhigh\n\nnoise\n")
    order = ("export", "net.pt", *WIDE, "--window", 512, "--classes", "names.txt")
    outcome = run(*order, "--layers", "conv")
    assert outcome.status == 0, outcome.err
    assert "conv" in outcome.out
    assert "--model net" in outcome.out
    assert run("models", "verify", "net").status == 0
    assert innerear.load("net").classes == ("low", "high", "noise")
    assert "already" in refused(*order)


class _Evil:
    def __reduce__(self) -> tuple:
        return Path.touch, (Path("evil"),)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("gone.pt", *WIDE), "no file gone.pt"),
        (("their_nets.py", *WIDE), "damaged"),
        (("cut.safetensors", *WIDE), "damaged"),
        (("evil.pt", *WIDE), "more than weights"),
        (("list.pt", *WIDE), "no weights by name"),
        (("net.pt", "--module", "their_nets:Net"), "size mismatch"),
        (("net.pt", "--module", "their_nets"), "package.module:Class"),
        (("net.pt", "--module", "nowhere:Net"), "No module named 'nowhere'"),
        (("net.pt", "--module", "their_nets:Nut"), "'Nut'"),
        (("net.pt", "--module", "their_nets:broken"), "cannot be built: no"),
        (("net.pt", "--module", "their_nets:number"), "int, not a torch module"),
        (("net.pt", *WIDE[:2], "--settings", "{"), "not valid JSON"),
        (("net.pt", *WIDE[:2], "--settings", "[]"), "JSON object"),
        (("net.pt", *WIDE, "--scores", "tanh", "--window", "512"), "scores cannot be 'tanh'"),
        (("net.pt", *WIDE), "--window is missing"),
        (("net.pt", *WIDE, "--window", "8"), "cannot be used with a waveform"),
        (("net.pt", *WIDE, "--window", "512", "--classes", "a,b"), "3 scores"),
        (("net.pt", *WIDE, "--window", "512", "--layers", "cov"), "conv"),
        (("net.pt", *WIDE, "--window", "512", "-o", "."), "is there already"),
        (("net.pt", *WIDE, "--window", "512", "--name", "A B"), "small letters"),
    ],
)
def test_what_cannot_be_exported_is_one_line(
    refused: Callable[..., str], place: Path, arguments: tuple[str, ...], words: str
) -> None:
    import torch

    (place / "cut.safetensors").write_bytes((place / "net.safetensors").read_bytes()[:99])
    (place / "evil.pt").write_bytes(pickle.dumps(_Evil(), protocol=2))
    torch.save([torch.zeros(2)], "list.pt")
    assert words in refused("export", *arguments)
    assert not (place / "evil").exists()
