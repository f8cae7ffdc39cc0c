"""One TorchScript file for nn~, which runs in Max and Pure Data.

The conventions are those of nn~ 1.6. They are written out here, because its Python package
`nn-tilde` demands torch 2.5: `get_methods` and `get_attributes` name what there is; a buffer
`NAME_params` says of each method its input channels, input ratio, output channels and output ratio,
and of each attribute the types of its values (1 an integer, 2 a number); `get_NAME` returns these
values, and `set_NAME` takes them and returns 0 where they are in range.
"""

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from ...engine.errors import InnerearError
from ...engine.files import write_beside
from ...engine.packs.pack import Pack
from ...engine.parameters import PARAMETERS
from .dream import AUTO, ScriptDream
from .settings import ExportSettings, metadata, unit_names

METADATA_FILE = "metadata.json"
"""In the TorchScript file; `torch.jit.load` returns it as one of its `_extra_files`."""
_INTEGER, _NUMBER = 1, 2


class NnTilde(nn.Module):
    """A dream with the methods `dream` and `hear`, and the attributes that nn~ can set."""

    target: int
    step: float
    range_db: float
    mix: float
    dream_input_labels: list[str]
    dream_output_labels: list[str]
    hear_input_labels: list[str]
    hear_output_labels: list[str]

    def __init__(self, dream: ScriptDream, settings: ExportSettings, names: list[str]) -> None:
        """Wrap a dream.

        Args:
            dream: of one channel.
            settings: that it was made with.
            names: of the units that are heard.
        """
        super().__init__()
        self.of_channel = dream
        self.sample_rate, self.units, self.auto = settings.sample_rate, dream.units, AUTO
        self.target = settings.target
        self.step, self.range_db, self.mix = (
            float(PARAMETERS[id].default) for id in ("step", "range_db", "mix")
        )
        self.most_step = PARAMETERS["step"].maximum
        self.most_range_db = PARAMETERS["range_db"].maximum
        self.register_buffer("dream_params", torch.tensor([1, 1, 1, 1]))
        self.register_buffer("hear_params", torch.tensor([1, 1, dream.units, dream.hop]))
        self.register_buffer("target_params", torch.tensor([_INTEGER]))
        for name in ("step", "range_db", "mix"):
            self.register_buffer(f"{name}_params", torch.tensor([_NUMBER]))
        self.dream_input_labels = self.hear_input_labels = ["(signal) sound"]
        self.dream_output_labels = ["(signal) sound with its dream"]
        self.hear_output_labels = [f"(signal) {name}" for name in names]

    @torch.jit.export
    def dream(self, x: Tensor) -> Tensor:
        """Return a block with its dream, [1, 1, samples]; of whole hops."""
        return self.of_channel.dream(
            self.one_channel(x), self.target, self.step, self.range_db, self.mix
        )[None, None]

    @torch.jit.export
    def hear(self, x: Tensor) -> Tensor:
        """Return activations, [1, units, samples / hop], for a block [1, 1, samples]."""
        return self.of_channel.hear(self.one_channel(x))[None]

    def one_channel(self, x: Tensor) -> Tensor:
        """Return the samples of a block [1, 1, samples]."""
        if x.dim() != 3 or x.size(0) != 1 or x.size(1) != 1:
            raise ValueError("the sound must be one channel: [1, 1, samples]")
        return x[0, 0]

    @torch.jit.export
    def reset(self) -> None:
        """Clear all sound and dreams; the attributes stay."""
        self.of_channel.reset()

    @torch.jit.export
    def get_methods(self) -> list[str]:
        """Return the names of the methods."""
        return ["dream", "hear"]

    @torch.jit.export
    def get_attributes(self) -> list[str]:
        """Return the names of the attributes."""
        return ["target", "step", "range_db", "mix"]

    @torch.jit.export
    def get_sample_rate(self) -> int:
        """Return the rate that the module was exported for, in hertz."""
        return self.sample_rate

    @torch.jit.export
    def get_target(self) -> tuple[int]:
        """Return the unit that is excited, or -1 for the most active one."""
        return (self.target,)

    @torch.jit.export
    def set_target(self, target: int) -> int:
        """Excite a unit; -1 is the most active one."""
        if not self.auto <= target < self.units:
            return -1
        self.target = target
        return 0

    @torch.jit.export
    def get_step(self) -> tuple[float]:
        """Return how much of the dream there is."""
        return (self.step,)

    @torch.jit.export
    def set_step(self, step: float) -> int:
        """Set how much of the dream there is."""
        if not 0.0 <= step <= self.most_step:
            return -1
        self.step = step
        return 0

    @torch.jit.export
    def get_range_db(self) -> tuple[float]:
        """Return how far the filter may lift or cut."""
        return (self.range_db,)

    @torch.jit.export
    def set_range_db(self, range_db: float) -> int:
        """Set how far the filter may lift or cut."""
        if not 0.0 <= range_db <= self.most_range_db:
            return -1
        self.range_db = range_db
        return 0

    @torch.jit.export
    def get_mix(self) -> tuple[float]:
        """Return how much of the sound is dreamed."""
        return (self.mix,)

    @torch.jit.export
    def set_mix(self, mix: float) -> int:
        """Set how much of the sound is dreamed."""
        if not 0.0 <= mix <= 1.0:
            return -1
        self.mix = mix
        return 0


def export_nn(pack: Pack, settings: ExportSettings, path: Path) -> dict[str, object]:
    """Write a pack as a TorchScript file for nn~.

    Args:
        pack: the network.
        settings: what is fixed.
        path: of the file, whole or not at all.

    Returns:
        what the file says of itself, which is in it too.

    Raises:
        InnerearError: the pack cannot be translated, or the file cannot be written.
    """
    dream = ScriptDream(pack, settings.layer, settings.sample_rate, settings.n_fft).eval()
    about = metadata(pack, settings, dream)
    module = torch.jit.script(NnTilde(dream, settings, unit_names(pack, settings)))
    with write_beside(path) as beside:
        try:
            torch.jit.save(module, beside, {METADATA_FILE: json.dumps(about, indent=1)})
        except (OSError, RuntimeError) as problem:
            raise InnerearError(f"{path} cannot be written: {problem}") from None
    return about
