"""Wraps any torch module that takes a waveform and gives scores as a listener."""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from ...engine.errors import ModelError, ParameterError, nearest
from ...engine.packs.manifest import OUTPUT_LAYER
from ...models.networks.listener import Listener
from .module_recording import ModuleRecording
from .threads import torch_threads

Scores = Literal["sigmoid", "softmax", "none"]

_BATCH = 2
_TAKEN = {OUTPUT_LAYER, "waveform", "rule", "objective", "gradient"}
_LONGEST_NAME = 64


class WrappedModule(Listener):
    """Any module as a listener; its layers are found by recording a forward pass."""

    _channel: bool

    def __init__(
        self,
        network: nn.Module,
        sample_rate: int,
        window: int,
        layers: Sequence[str] | None = None,
        classes: Sequence[str] | None = None,
        scores: Scores = "sigmoid",
    ) -> None:
        """Copy a module, run it once, and find its layers.

        Args:
            network: takes a waveform [batch, window] or [batch, 1, window], gives scores
                [batch, classes] or [batch, classes, frames].
            sample_rate: of the waveform, in hertz.
            window: samples that it takes at once.
            layers: paths of the modules whose results are the layers, as in `named_modules`; by
                default what its activation functions give, or where it has none its convolutions.
            classes: names of the scores; by default "class 0", "class 1" and so on.
            scores: what makes scores of 0..1 of a result that is not yet such: where the module
                ends in a sigmoid or a softmax itself, that is found and directions act before it.

        Raises:
            ModelError: it does not take such a waveform, does not give such scores, or has no such
                layer.
            ParameterError: a setting that cannot be.
        """
        super().__init__()
        if scores not in get_args(Scores):
            raise ParameterError(
                f"scores cannot be {scores!r}. {nearest(scores, get_args(Scores))}"
            )
        if not 1000 <= sample_rate <= 384_000 or window < 1:
            raise ParameterError(
                f"A network cannot listen to {window} samples at {sample_rate} Hz: at least 1, at"
                " 1,000 to 384,000 Hz."
            )
        self.network = _own_copy(network)
        self.sample_rate, self.window, self.hop = sample_rate, window, max(1, window // 2)
        self.front_end = "the network's own"
        self._watch = {path: _layer_name(path) for path in _known(self.network, layers or ())}
        with torch.no_grad(), torch_threads(1):
            self._channel = self._needs_channel()
            self._ends_in, self._scores = "", scores
            result = self._run(torch.zeros(_BATCH, window))[1]
            self._class_axis = _class_axis(result, classes)
            self._find_end()
            self._layers = self._find_layers(named=layers is not None)
            self._frames_axis = self._find_frames()
        count = result.shape[self._class_axis]
        self.classes = tuple(classes or (f"class {number}" for number in range(count)))
        if len(self.classes) != count or len(set(self.classes)) != count:
            raise ModelError(
                f"{len(set(self.classes))} different names of classes were given; the network has"
                f" {count} scores."
            )

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        """Return every layer's activations; see `Listener.forward`."""
        recording, result = self._run(waveform)
        output = recording.end.given if self._ends_in and recording.end else result
        if output.ndim == 3 and self._class_axis == 2:
            output = output.transpose(1, 2)
        noted = _noted(recording)
        maps = {
            name: _with_frames_last(noted[key], self._frames_axis[name])
            for name, key in self._layers.items()
        }
        return {**maps, OUTPUT_LAYER: output.unsqueeze(2) if output.ndim == 2 else output}

    def scores(self, output: Tensor) -> Tensor:
        """Apply the module's last non-linearity, or the one that was asked for."""
        kind = self._ends_in or self._scores
        if kind == "none":
            return output
        return output.sigmoid() if kind == "sigmoid" else output.softmax(1)

    def _run(self, waveform: Tensor) -> tuple[ModuleRecording, Tensor]:
        with ModuleRecording(self.network, self._watch) as recording:
            result = self.network(waveform.unsqueeze(1) if self._channel else waveform)
        return recording, result

    def _needs_channel(self) -> bool:
        """Whether the module takes [batch, 1, window]; otherwise it takes [batch, window]."""
        problems = []
        for channel in (False, True):
            self._channel = channel
            try:
                result = self._run(torch.zeros(_BATCH, self.window))[1]
            except Exception as problem:  # whatever the module's own code raises
                problems.append(f"{str(problem).strip() or type(problem).__name__}".splitlines()[0])
                continue
            if isinstance(result, Tensor) and result.ndim in (2, 3) and len(result) == _BATCH:
                return channel
            given = list(result.shape) if isinstance(result, Tensor) else type(result).__name__
            problems.append(f"it gives {given}, not [batch, classes] or [batch, classes, frames]")
        raise ModelError(
            f"The network cannot be used with a waveform [{_BATCH}, {self.window}] ({problems[0]})"
            f" nor with [{_BATCH}, 1, {self.window}] ({problems[1]})."
        )

    def _find_end(self) -> None:
        recording, result = self._run(torch.zeros(_BATCH, self.window))
        end = recording.end
        if end is None or end.result is not result:
            return
        if end.kind == "sigmoid" or end.axis == self._class_axis:
            self._ends_in = end.kind

    def _find_layers(self, named: bool) -> dict[str, str]:
        """Return layer -> key of what a recording noted, in network order."""
        recording, result = self._run(torch.zeros(_BATCH, self.window))
        if named:
            for path, map_ in recording.watched.items():
                if not _is_map(_tensor_of(map_)):
                    raise ModelError(f"The module {path!r} gives no map of 2, 3 or 4 dimensions.")
            if missing := [path for path in self._watch if path not in recording.watched]:
                raise ModelError(f"The module {missing[0]!r} does not run.")
            return {self._watch[path]: f"watched {path}" for path in recording.watched}
        ends = (result, recording.end.given if recording.end else None)
        for kind in ("activations", "convolutions"):
            found = [
                (_layer_name(path), f"{kind} {number}")
                for number, (path, map_) in enumerate(getattr(recording, kind))
                if _is_map(map_) and not any(map_ is end for end in ends)
            ]
            if found:
                names = _distinct(name for name, _ in found)
                return dict(zip(names, (key for _, key in found), strict=True))
        return {}

    def _find_frames(self) -> dict[str, int]:
        """Return layer -> axis of its map along which time passes; 0 where there is none.

        Samples at the end that are not numbers spoil some of the frames, in all units and bands.
        """
        found: dict[str, int] = {}
        shapes: dict[str, Any] = {}
        for share in (16, 4, 2):
            waveform = torch.zeros(_BATCH, self.window)
            waveform[:, self.window - max(1, self.window // share) :] = torch.nan
            noted = _noted(self._run(waveform)[0])
            for name, key in self._layers.items():
                shapes[name] = noted[key].shape
                spoiled = noted[key].isnan()
                for axis in range(1, spoiled.ndim):
                    along = spoiled.transpose(0, axis).flatten(1).any(1)
                    if along.any() and not along.all():
                        found.setdefault(name, axis)
        return {name: found.get(name, _usual_axis(shape)) for name, shape in shapes.items()}


def _own_copy(network: nn.Module) -> nn.Module:
    """Return a copy on the CPU that does not learn, and whose activations keep what they take."""
    # Torch does not copy what a module has computed and keeps, as `weight_norm` does weights.
    computed = {
        id(each): each.detach().clone()
        for part in network.modules()
        for each in vars(part).values()
        if isinstance(each, torch.Tensor) and not each.is_leaf
    }
    own = copy.deepcopy(network, computed).cpu().float().eval().requires_grad_(False)
    for part in own.modules():
        if getattr(part, "inplace", False) is True:
            setattr(part, "inplace", False)  # noqa: B010  (nn.Module declares other types)
    return own


def _known(network: nn.Module, paths: Sequence[str]) -> Iterator[str]:
    """Yield the paths, or refuse the first that the network does not have."""
    there = [path for path, _ in network.named_modules() if path]
    for path in paths:
        if path not in there:
            raise ModelError(f"The network has no module {path!r}. {nearest(path, there)}")
        yield path


def _layer_name(path: str) -> str:
    """Return a layer's name made from a module's path."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", path)
    if not name[:1].isalpha() or name in _TAKEN:
        name = f"layer-{name}"
    if len(name) > _LONGEST_NAME:
        name = f"layer-{name[-_LONGEST_NAME + len('layer-') :]}"
    return name


def _distinct(names: Iterator[str]) -> list[str]:
    """Return the names, numbered where they would be the same."""
    found: list[str] = []
    for name in names:
        new, count = name, 1
        while new in found:
            count += 1
            new = f"{name[: _LONGEST_NAME - 5]}-{count}"
        found.append(new)
    return found


def _noted(recording: ModuleRecording) -> Mapping[str, Tensor]:
    """Return what was noted: activations and convolutions by number, watched ones by path."""
    noted = {f"watched {path}": _tensor_of(map_) for path, map_ in recording.watched.items()}
    for kind in ("activations", "convolutions"):
        for number, (_, map_) in enumerate(getattr(recording, kind)):
            noted[f"{kind} {number}"] = map_
    return noted


def _tensor_of(result: Any) -> Any:
    """Return what a module gave, or the first of what it gave."""
    return result[0] if isinstance(result, tuple | list) and result else result


def _is_map(map_: Any) -> bool:
    return isinstance(map_, Tensor) and map_.ndim in (2, 3, 4) and len(map_) == _BATCH


def _usual_axis(shape: Sequence[int]) -> int:
    """Return the axis of time in a map whose frames all see everything."""
    if len(shape) == 2:
        return 0
    return 2 if len(shape) == 4 and shape[3] == 1 else len(shape) - 1


def _class_axis(result: Tensor, classes: Sequence[str] | None) -> int:
    """Return the axis of the classes: 1, or 2 where only that has as many."""
    if classes and result.ndim == 3 and result.shape[1] != len(classes) == result.shape[2]:
        return 2
    return 1


def _with_frames_last(map_: Tensor, axis: int) -> Tensor:
    """Return a map as [batch, units, frames] or [batch, units, frequency, frames]."""
    if map_.ndim == 2:
        return map_.unsqueeze(2)
    map_ = map_.transpose(axis, -1)
    return map_.squeeze(2) if map_.ndim == 4 and map_.shape[2] == 1 else map_
