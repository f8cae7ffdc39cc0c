"""A model of Neutone FX passes the checks of Neutone's SDK, and dreams as the processor does."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("neutone_sdk", reason="neutone-sdk is missing (innerear[neutone])")

import torch
from neutone_sdk.utils import load_neutone_model

import innerear
from innerear.exporters.compare import relative_error
from innerear.exporters.torchscript.neutone import export_neutone
from innerear.exporters.torchscript.settings import export_settings

from .conftest import RATE, buffers, chord, processor

PACK = "stftcnn-robust"


def test_the_model_is_checked_and_dreams(tmp_path: Path) -> None:
    pack = innerear.load(PACK)
    settings = export_settings(pack, "output", "Flute", RATE, 1024)
    file = export_neutone(pack, settings, tmp_path / "made")
    model, about = load_neutone_model(str(file))  # the SDK checks what it says of itself
    knobs = {knob["name"]: knob for knob in about["neutone_parameters"].values()}
    assert list(knobs) == ["step", "target", "range", "mix"]
    assert about["native_sample_rates"] == [RATE]

    model.set_daw_sample_rate_and_buffer_size(RATE, 512)
    model.reset()
    assert model.calc_model_delay_samples() == 768
    sound, made = chord(1.0), processor(PACK, target="Flute", step=0.5)
    position = (pack.classes.index("Flute") + 1.5) / (len(pack.classes) + 1)
    values = torch.tensor([0.25, position, 1.0, 1.0])[:, None].expand(4, 512)
    found, expected = [], []
    with torch.inference_mode():
        for block in buffers(sound, 512):
            stereo = torch.from_numpy(np.stack((block, block)))  # as the plug-in passes it
            found.append(model(stereo, values.contiguous())[0].numpy().copy())
            expected.append(made.process(block[np.newaxis])[0])
    assert relative_error(np.concatenate(found), np.concatenate(expected)) < 1e-3


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    pack = innerear.load(PACK)
    settings = export_settings(pack, "output", "auto", RATE, 1024)
    with pytest.raises(innerear.InnerearError, match="there already"):
        export_neutone(pack, settings, tmp_path)
