"""The file for nn~: its conventions, and that plain torch plays it in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

import innerear
from innerear.engine.arrays import Float
from innerear.errors import ParameterError
from innerear.exporters.compare import relative_error
from innerear.exporters.torchscript.nn_tilde import METADATA_FILE, export_nn
from innerear.exporters.torchscript.settings import export_settings

from .conftest import RATE, buffers, chord, processor

PACK = "stftcnn-robust"
SIZES = 512, 2048, 256
FRESH = """
import sys
sys.modules["innerear"] = None  # an attempt to import it is an error
import numpy, torch

torch.set_num_threads(1)
file, sound, out = sys.argv[1:]
module = torch.jit.load(file).eval()
frozen = torch.jit.freeze(torch.jit.load(file).eval(), preserved_attrs=["dream"])
heard, at = [], 0
with torch.inference_mode():
    samples = torch.from_numpy(numpy.load(sound))
    for size in 11 * [512, 2048, 256]:
        block = samples[None, None, at : at + size]
        heard.append(torch.stack((module.dream(block)[0, 0], frozen.dream(block)[0, 0])))
        at += size
numpy.save(out, torch.cat(heard, 1).numpy())
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pack = innerear.load(PACK)
    path = tmp_path_factory.mktemp("nn") / "dream.ts"
    export_nn(pack, export_settings(pack, "output", "Flute", RATE, 1024), path)
    return path


@pytest.fixture(scope="module")
def module(exported: Path) -> torch.jit.ScriptModule:
    return torch.jit.load(str(exported))


def expected(sound: Float) -> Float:
    made = processor(PACK, target="Flute")
    return np.concatenate([made.process(b[np.newaxis])[0] for b in buffers(sound, 2048)])


def test_plain_torch_plays_it_without_innerear(exported: Path, tmp_path: Path) -> None:
    sound = chord(1.5)
    np.save(tmp_path / "in.npy", sound)
    files = [str(exported), str(tmp_path / "in.npy"), str(tmp_path / "out.npy")]
    subprocess.run([sys.executable, "-I", "-c", FRESH, *files], check=True, cwd=tmp_path)
    played, frozen = np.load(tmp_path / "out.npy")
    assert len(played) == 11 * sum(SIZES), "33 buffers of three sizes"
    np.testing.assert_array_equal(frozen, played)
    assert relative_error(played, expected(sound)[: len(played)]) < 1e-3


def test_it_keeps_the_conventions_of_nn(module: torch.jit.ScriptModule) -> None:
    units = len(innerear.load(PACK).classes)
    assert module.get_methods() == ["dream", "hear"]
    assert module.dream_params.tolist() == [1, 1, 1, 1]
    assert module.hear_params.tolist() == [1, 1, units, 256]
    for method in module.get_methods():
        channels_in, _, channels_out, ratio = getattr(module, f"{method}_params").tolist()
        assert len(getattr(module, f"{method}_input_labels")) == channels_in
        assert len(getattr(module, f"{method}_output_labels")) == channels_out
        out = getattr(module, method)(torch.zeros(1, channels_in, 2048))
        assert out.shape == (1, channels_out, 2048 // ratio)
        assert out.dtype == torch.float32
    assert module.get_sample_rate() == RATE


@pytest.mark.parametrize(
    ("name", "default", "good", "bad"),
    [
        ("target", 17, -1, 29),
        ("step", 1.0, 0.25, 2.5),
        ("range_db", 24.0, 6.0, -1.0),
        ("mix", 1.0, 0.5, 1.5),
    ],
)
def test_attributes_are_set_within_their_range(
    module: torch.jit.ScriptModule, name: str, default: float, good: float, bad: float
) -> None:
    get, put = getattr(module, f"get_{name}"), getattr(module, f"set_{name}")
    assert name in module.get_attributes()
    assert getattr(module, f"{name}_params").tolist() == [1 if name == "target" else 2]
    assert get() == (default,)
    assert (put(bad), get()) == (-1, (default,))
    assert (put(good), get()) == (0, (good,))
    assert put(default) == 0


def test_the_file_says_what_it_is(exported: Path) -> None:
    files = {METADATA_FILE: ""}
    torch.jit.load(str(exported), _extra_files=files)
    about = json.loads(files[METADATA_FILE])
    assert about["pack"] == PACK
    assert (about["sample_rate"], about["ratio"], about["latency_samples"]) == (RATE, 256, 768)
    assert about["unit_names"][about["target"]] == "Flute"


def test_several_channels_are_refused(module: torch.jit.ScriptModule) -> None:
    with pytest.raises(torch.jit.Error, match="one channel"):
        module.dream(torch.zeros(2, 1, 512))


@pytest.mark.parametrize("target", ["energy", "Flute*0.5 + Brass", "sound"])
def test_an_export_has_one_target(target: str) -> None:
    with pytest.raises(ParameterError, match="one target"):
        export_settings(innerear.load(PACK), "output", target, RATE, 1024)


def test_a_target_may_name_its_layer() -> None:
    settings = export_settings(innerear.load(PACK), "output", "conv3/12", RATE, 1024)
    assert (settings.layer, settings.target) == ("conv3", 12)
