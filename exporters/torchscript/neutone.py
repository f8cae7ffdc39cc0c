"""A model of Neutone FX: the exported dream in the wrapper of Neutone's own SDK."""

import shutil
from pathlib import Path

import torch
from neutone_sdk import ContinuousNeutoneParameter, NeutoneParameter, WaveformToWaveformBase
from neutone_sdk.utils import save_neutone_model
from torch import Tensor

from ..._version import VERSION
from ...engine.errors import InnerearError
from ...engine.packs.pack import Pack
from ...engine.parameters import PARAMETERS
from .dream import AUTO, ScriptDream
from .settings import ExportSettings, unit_names

MODEL_FILE = "model.nm"
_BLOCKS = (1, 2, 4, 8, 16)
"""Sizes of buffers, in hops."""


class NeutoneDream(WaveformToWaveformBase):  # type: ignore[misc]
    """Mono sound in, its dream out; four knobs."""

    def __init__(self, dream: ScriptDream, pack: Pack, settings: ExportSettings) -> None:
        """Wrap a dream.

        Args:
            dream: of one channel.
            pack: that it was made of.
            settings: that it was made with.
        """
        # The SDK asks for all of this while it is initialised.
        self.units, self.layer, self.delay = dream.units, settings.layer, dream.latency
        self.title, self.names = pack.title, unit_names(pack, settings)
        self.first_target = (settings.target - AUTO + 0.5) / (dream.units + 1)
        self.rate, self.sizes = settings.sample_rate, [hops * dream.hop for hops in _BLOCKS]
        self.most_step = PARAMETERS["step"].maximum
        self.most_range_db = PARAMETERS["range_db"].maximum
        self.version = VERSION
        super().__init__(dream)

    def do_forward_pass(self, x: Tensor, params: dict[str, Tensor]) -> Tensor:
        """Return a block with its dream, (1, samples); of the targets -1 is the first."""
        target = min(int(float(params["target"]) * (self.units + 1)), self.units) - 1
        step, range_db = float(params["step"]), float(params["range"])
        dreamed = self.model.dream(
            x[0], target, step * self.most_step, range_db * self.most_range_db, float(params["mix"])
        )
        return dreamed.unsqueeze(0)  # type: ignore[no-any-return]

    def get_neutone_parameters(self) -> list[NeutoneParameter]:
        """Return the four knobs."""
        targets = f"Left: what is strongest. Then, evenly: {', '.join(self.names)}."
        return [
            _knob("step", "step"),
            ContinuousNeutoneParameter("target", targets, default_value=self.first_target),
            _knob("range", "range_db"),
            _knob("mix", "mix"),
        ]

    def reset_model(self) -> bool:
        """Clear all sound and dreams."""
        self.model.reset()
        return True

    @torch.jit.export
    def calc_model_delay_samples(self) -> int:
        """Return the latency."""
        return self.delay

    @torch.jit.export
    def is_input_mono(self) -> bool:
        """Return that it is."""
        return True

    @torch.jit.export
    def is_output_mono(self) -> bool:
        """Return that it is."""
        return True

    @torch.jit.export
    def get_native_sample_rates(self) -> list[int]:
        """Return the one rate; the SDK converts others."""
        return [self.rate]

    @torch.jit.export
    def get_native_buffer_sizes(self) -> list[int]:
        """Return the sizes; the SDK keeps back what other ones need."""
        return self.sizes

    def get_model_name(self) -> str:
        """Return the name that Neutone shows."""
        return f"Innerear {self.title}"[:30]

    def get_model_authors(self) -> list[str]:
        """Return who made it."""
        return ["Innerear"]

    def get_model_short_description(self) -> str:
        """Return what it does, in one sentence."""
        return "A neural network listens, and a filter brings out of the sound what it hears in it."

    def get_model_long_description(self) -> str:
        """Return what it does."""
        return (
            "Deep Dream for live sound: gradient ascent on what a network hears, forty times a"
            " second, turns a filter of 48 bands so that the sound excites one of its units more."
            " Step is how much of that filter you hear, range how far it lifts and cuts."
        )

    def get_technical_description(self) -> str:
        """Return how it works."""
        return (
            "The network and its backward pass are plain operators of one TorchScript module; its"
            f" units are those of the layer {self.layer}."
        )

    def get_tags(self) -> list[str]:
        """Return words to find it by."""
        return ["deep dream", "filter", "effect"]

    def get_model_version(self) -> str:
        """Return the version of Innerear that made it."""
        return self.version

    def is_experimental(self) -> bool:
        """Return that it is."""
        return True


def export_neutone(
    pack: Pack, settings: ExportSettings, folder: Path, submission: bool = False
) -> Path:
    """Write a pack as a model of Neutone FX, after the checks of Neutone's SDK.

    Args:
        pack: the network.
        settings: what is fixed.
        folder: that appears whole, or not at all; there must be none, or an empty one.
        submission: make all checks of the SDK, with sounds and benchmarks: minutes.

    Returns:
        the model's file.

    Raises:
        InnerearError: the pack cannot be translated, or the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InnerearError(f"{folder} is there already; name a new folder.")
    dream = ScriptDream(pack, settings.layer, settings.sample_rate, settings.n_fft).eval()
    beside = folder.with_name(folder.name + ".part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        save_neutone_model(
            NeutoneDream(dream, pack, settings),
            beside,
            dump_samples=submission,
            submission=submission,
            speed_benchmark=submission,
            test_offline_mode=submission,
        )
        if folder.is_dir():
            folder.rmdir()
        beside.rename(folder)
    except OSError as problem:
        raise InnerearError(f"{folder} cannot be written: {problem.strerror}.") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder / MODEL_FILE


def _knob(name: str, id: str) -> NeutoneParameter:
    """Return a knob for one of our parameters that begin at 0; the SDK gives it as 0 to 1."""
    ours = PARAMETERS[id]
    meaning = f"{ours.meaning} From 0 to {ours.maximum:g}{ours.unit and ' '}{ours.unit}."
    return ContinuousNeutoneParameter(name, meaning, float(ours.default) / ours.maximum)
