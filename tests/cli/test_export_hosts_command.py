"""`innerear export nn` and `neutone`: a pack becomes a file for other hosts."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from .conftest import Run


@pytest.fixture(autouse=True)
def torch_needed(require: Callable[..., None]) -> None:
    require("torch")


def test_a_pack_becomes_one_file(run: Run, refused: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "dream.ts"
    order = ("export", "nn", "samplecnn-digits", "-o", file, "--rate", 44_100, "--n-fft", 512)
    outcome = run(*order, "--target", "three")
    assert outcome.status == 0, outcome.err
    assert "multiple of 128 samples" in outcome.out
    assert "latency 384 samples" in outcome.out
    assert "is there already" in refused(*order)
    told = json.loads(run(*order, "--force", "--layer", "conv2", "--json").out)
    assert (told["layer"], told["target"], told["sample_rate"]) == ("conv2", -1, 44_100)
    assert [path.name for path in tmp_path.iterdir()] == ["dream.ts"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("no-such-pack",), "There is no model 'no-such-pack'"),
        (("samplecnn-digits,stftcnn-robust",), "one at a time"),
        (("samplecnn-digits", "--target", "energy"), "one target"),
        (("samplecnn-digits", "--target", "ten"), "'ten'"),
        (("samplecnn-digits", "--layer", "conv99"), "conv99"),
        (("samplecnn-digits", "--rate", "4000"), "8,000 to 192,000"),
        (("samplecnn-digits", "--n-fft", "1000"), "n_fft cannot be 1000"),
        (("samplecnn-digits", "-o", "no/where/dream.ts"), "no/where does not exist"),
    ],
)
def test_what_cannot_be_exported_is_one_line(
    refused: Callable[..., str], tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert words in refused("export", "nn", "-o", tmp_path / "dream.ts", *arguments)


def test_what_nn_plays_has_its_suffix(refused: Callable[..., str], tmp_path: Path) -> None:
    words = refused("export", "nn", "samplecnn-digits", "-o", tmp_path / "dream.txt")
    assert "ends in .ts" in words
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(find_spec("neutone_sdk") is not None, reason="Neutone's SDK is installed")
def test_neutone_without_its_sdk_says_how_to_install_it(refused: Callable[..., str]) -> None:
    words = refused("export", "neutone", "samplecnn-digits", "-o", "made")
    assert "innerear[neutone]" in words


def test_without_a_command_it_is_a_network(refused: Callable[..., str]) -> None:
    for order in (("gone.pt", "--module", "a:B"), ("--module", "a:B", "gone.pt")):
        assert refused("export", *order) == refused("export", "network", *order)
