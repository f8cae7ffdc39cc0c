"""Several networks as one: each adds its gradient, and each votes on what is heard."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Float
from ..cores import cores
from ..drives import Rule
from ..errors import ModelError
from .auralise_runner import Auraliser
from .manifest import OUTPUT_LAYER, LayerInfo
from .merged_layers import MergedLayers
from .network import Activations, PackLike
from .network_set_source import NetworkSetSource
from .normalised_sum import direction_lengths, normalised_sum
from .onnx_device import Device
from .onnx_runners import as_direction, as_waveform, check_layers, rule_number
from .pack import Pack
from .set_tracker import SetTracker
from .tracker import Tracker
from .weighted_names import write_weighted

Given = TypeVar("Given")
Opened = TypeVar("Opened")


@dataclass(frozen=True)
class Member:
    """One network of a set.

    Attributes:
        network: the pack.
        weight: of its gradient; below 0 the set avoids what this network would hear.
    """

    network: PackLike
    weight: float = 1.0


class NetworkSet:
    """Several networks that dream together, used as one pack.

    `output` has the classes of all members, each by its name: every member that has a class takes
    part in it, and its score is the mean of theirs. The inner layers are called `member.layer`.
    The gradient is the mean of the members' gradients, each first brought to the length of its
    direction (a standard deviation of 1 for one class or unit), then multiplied by its weight. A
    member takes the newest samples of the window, which is as long as the longest of theirs.

    Examples:
        >>> import innerear
        >>> both = innerear.load("samplecnn-instruments,stftcnn-instruments:0.5")
        >>> both.window, len(both.classes), list(both.layers)[-2:]
        (17496, 29, ['stftcnn-instruments.conv5', 'output'])
    """

    def __init__(self, members: Sequence[Member], name: str = "") -> None:
        """Put the networks together.

        Args:
            members: two or more.
            name: the text that loads the set again; by default the members' names.

        Raises:
            ModelError: fewer than two, two of one name, a weight of 0, or other sample rates.
        """
        self.members = tuple(members)
        packs = [member.network for member in members]
        if len(packs) < 2:
            raise ModelError("A set of networks needs two or more of them, separated by commas.")
        for member in members:
            if member.weight == 0.0:
                raise ModelError(f"{member.network.name!r} has the weight 0: leave it out.")
        if len({pack.sample_rate for pack in packs}) > 1:
            rates = ", ".join(f"{pack.name} at {pack.sample_rate} Hz" for pack in packs)
            raise ModelError(f"The networks listen at different rates: {rates}. Name others.")
        self.name = name or write_weighted((m.network.name, m.weight) for m in members)
        self.sample_rate = packs[0].sample_rate
        self.window = max(pack.window for pack in packs)
        self.hop = min(pack.hop for pack in packs)
        self.device: Device = packs[0].device
        self._merged = MergedLayers(
            [pack.name for pack in packs],
            [pack.layers for pack in packs],
            [pack.classes for pack in packs],
        )

    def __repr__(self) -> str:
        """Show the name."""
        return f"NetworkSet({self.name!r})"

    @property
    def title(self) -> str:
        """The members' names, as one shows them."""
        return " + ".join(getattr(m.network, "title", m.network.name) for m in self.members)

    @property
    def layers(self) -> Mapping[str, LayerInfo]:
        """`member.layer` -> units and lengths, in the members' order; the last is `output`."""
        return self._merged.layers

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of all members, each once."""
        return self._merged.classes

    @property
    def fingerprint(self) -> str:
        """The checksum of the members' and of their weights."""
        parts = [f"{m.network.fingerprint}:{m.weight!r}" for m in self.members]
        return hashlib.sha256(",".join(parts).encode()).hexdigest()

    def hear(self, waveform: ArrayLike) -> dict[str, Float]:
        """Return every layer's activations; see `Pack.hear`.

        Returns:
            layer -> float32 [batch, units, frames]; `output` has one frame, the mean of the
            members' mean scores.
        """
        array = as_waveform(waveform, self.window)
        each = [m.network.hear(self._newest(array, m.network)) for m in self.members]
        # The last axis is the units' where layers are merged.
        turned = [
            {
                name: heard.mean(axis=2) if name == OUTPUT_LAYER else heard.swapaxes(1, 2)
                for name, heard in own.items()
            }
            for own in each
        ]
        found = self._merged.activations(turned)
        scores = found.pop(OUTPUT_LAYER)
        maps = {name: np.ascontiguousarray(heard.swapaxes(1, 2)) for name, heard in found.items()}
        return {**maps, OUTPUT_LAYER: scores[:, :, np.newaxis]}

    def value_and_grad(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        """Return the mean objective, and the mean of the members' normalised gradients.

        Args:
            waveform: see `Pack.value_and_grad`, as the others and the errors.
            directions: layer -> weights of its units. Where a member has a direction in several
                layers, its gradient is that of their sum.
            rule: how a ReLU is passed backwards.

        Returns:
            objective [batch]: the members' own objectives, each times its weight, averaged over
            the members that have a part in the direction. gradient [batch, window]: see
            `NetworkSet`.
        """
        return self._value_and_grad(waveform, directions, rule, wants_activations=False)[:2]

    def dream(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        """Return what `value_and_grad` returns: its name in the terms of Deep Dream."""
        return self.value_and_grad(waveform, directions, rule)

    def value_grad_and_activations(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float, Activations]:
        """Return what `value_and_grad` does, and layer -> mean activation [batch, units]."""
        return self._value_and_grad(waveform, directions, rule, wants_activations=True)

    def _value_and_grad(
        self,
        waveform: ArrayLike,
        directions: Mapping[str, ArrayLike],
        rule: Rule,
        wants_activations: bool,
    ) -> tuple[Float, Float, Activations]:
        array = as_waveform(waveform, self.window)
        check_layers(directions, self.layers)
        rule_number(rule)  # refuses an unknown one, also where no member has a part
        whole = {
            name: as_direction(direction, self.layers[name], len(array))
            for name, direction in directions.items()
        }
        parts: list[tuple[Float, Float, Float, float]] = []
        activations: list[Activations] = []
        for index, member in enumerate(self.members):
            own = self._merged.directions_of(index, whole)
            newest = self._newest(array, member.network)
            if wants_activations:
                found = member.network.value_grad_and_activations(newest, own, rule)
                value, slope = found[:2]
                activations.append(found[2])
            elif own:
                value, slope = member.network.value_and_grad(newest, own, rule)
            if own:
                lengths = direction_lengths(own, len(array))
                parts.append((value, slope, lengths, member.weight))
        objective, gradient = normalised_sum(parts, array.shape)
        merged = self._merged.activations(activations) if wants_activations else {}
        return objective, gradient, merged

    def templates(self) -> dict[str, Float]:
        """Return each unit's spectral template; see `Pack.templates`.

        Returns:
            layer -> float32 [units, 513]; a class has the mean of the members' templates.

        Raises:
            ModelError: a member has none.
        """
        each: list[Activations] = []
        for member in self.members:
            if not isinstance(member.network, Pack):
                raise ModelError(f"{member.network.name!r} has no templates.")
            each.append({k: found.T for k, found in member.network.templates().items()})
            if each[-1].keys() != member.network.layers.keys():
                raise ModelError(f"{member.network.name!r} has templates of some layers only.")
        found = self._merged.activations(each)
        return {name: np.ascontiguousarray(array.T) for name, array in found.items()}

    def single_threaded(self) -> "NetworkSet":
        """Return the same set for callers that share batches out among threads themselves."""
        members = [Member(m.network.single_threaded(), m.weight) for m in self.members]
        return NetworkSet(members, self.name)

    def gradient_source(self, budget_seconds: float | None = None) -> NetworkSetSource:
        """Open the members' graphs for one thread that asks them.

        Args:
            budget_seconds: that one gradient may take; a member that would be late is left out
                of it, and is the first in the next. None leaves nobody out, and lets the members
                compute at once, each on a core of its own, where there are several.
        """
        sources = _at_once(lambda each: each.network.gradient_source(), self.members)
        weights = [member.weight for member in self.members]
        helpers = min(len(sources), cores()) - 1 if self.device == "cpu" else 0
        threads: ThreadPoolExecutor | None = None
        if helpers and budget_seconds is None:
            threads = ThreadPoolExecutor(helpers, "innerear-member")
        return NetworkSetSource(sources, weights, self._merged, budget_seconds, threads=threads)

    def tracker(self) -> SetTracker | None:
        """Open what the gradient-free drives need for one thread; None without all templates."""
        members = [m.network for m in self.members if isinstance(m.network, Pack)]
        if len(members) < len(self.members) or not all(pack.has_templates for pack in members):
            return None
        trackers = _at_once(Tracker, members)
        return SetTracker(trackers, [pack.window for pack in members], self._merged)

    def auraliser(self, threads: int | None = None) -> Auraliser:
        """Refuse: feature maps are brought back through one network.

        Raises:
            ModelError: always.
        """
        raise ModelError(f"Auralising takes one network, not the set {self.name!r}: name one.")

    def _newest(self, waveform: Float, network: PackLike) -> Float:
        """Return the part of the window that a member takes."""
        return np.ascontiguousarray(waveform[:, self.window - network.window :])


def _at_once(open: Callable[[Given], Opened], given: Sequence[Given]) -> list[Opened]:
    """Open something of each in a thread of its own: ONNX Runtime does not keep Python's lock."""
    with ThreadPoolExecutor(len(given), "innerear-opening") as threads:
        return list(threads.map(open, given))


if TYPE_CHECKING:  # proof for the type checker
    _pack_like: type[PackLike] = NetworkSet
