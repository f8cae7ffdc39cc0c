from pathlib import Path

import numpy as np
import pytest

from innerear.engine.errors import ParameterError
from innerear.engine.packs.pack import Pack, load_pack
from innerear.models.studies.untrained import write_untrained


@pytest.mark.soak
def test_an_untrained_network_is_the_same_but_for_its_weights(tmp_path: Path) -> None:
    write_untrained("samplecnn-digits", tmp_path / "pack")
    pack, trained = Pack(tmp_path / "pack"), load_pack("samplecnn-digits")
    assert {name: layer.units for name, layer in pack.layers.items()} == {
        name: layer.units for name, layer in trained.layers.items()
    }
    waveform = 0.1 * np.random.default_rng(0).standard_normal((1, pack.window)).astype(np.float32)
    heard, told = pack.hear(waveform)["conv3"], trained.hear(waveform)["conv3"]
    assert np.abs(heard - told).max() > 0.1
    with pytest.raises(ParameterError, match="Did you mean samplecnn-digits"):
        write_untrained("samplecnn-digit", tmp_path / "other")
