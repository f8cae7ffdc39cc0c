"""The network's own process is ready before it answers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innerear.engine.drives import DRIVES
from innerear.engine.ipc.inference_worker import warm_up
from innerear.engine.packs.gradient_source import OnnxGradientSource
from innerear.engine.packs.network import Gradient
from innerear.engine.packs.pack import load_pack
from innerear.engine.parameter_values import ParameterSet


class Asked(OnnxGradientSource):
    """A network that notes by which rules it is asked."""

    rules: tuple[str, ...] = ()

    def gradient(self, waveform: np.ndarray, directions: Any, rule: Any = "gradient") -> Gradient:
        self.rules += (rule,)
        return super().gradient(waveform, directions, rule)


@pytest.mark.parametrize("drive", DRIVES.values(), ids=lambda drive: str(drive.name))
def test_the_first_gradient_in_sound_is_by_a_rule_that_was_used(toy_pack: Path, drive: Any) -> None:
    network = Asked(load_pack(toy_pack))
    warm_up(network, ParameterSet(drive=drive.name))
    assert network.rules == ((drive.rule,) if drive.rule else ())
