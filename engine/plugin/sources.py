"""Dreams computed in this process: within `feed`, for files, or in threads, to play in Python."""

import threading
from collections.abc import Mapping
from dataclasses import replace

from numpy.typing import ArrayLike

from ..arrays import Float
from ..dreaming.dream import DreamSource, MakeSource
from ..dreaming.streaming_dream import StreamingDream
from ..dreaming.target_sound import MISSING
from ..drives import DRIVES, Rule
from ..errors import ParameterError
from ..ipc.inference_loop import UPDATE_BUDGET_SECONDS
from ..ipc.inference_thread import thread_source
from ..packs.network import Activations, Gradient, GradientSource, PackLike
from ..packs.resolve import PackOrName, is_named, load, model_of, resolve_pack
from ..packs.tracker import Tracker
from ..packs.trackers import tracker_of
from ..parameter import Value
from ..parameter_values import ParameterSet, Values
from ..targets.target import Target
from ..targets.target_mix import uses_sound


def check_source_alone(**others: object) -> None:
    """Refuse arguments of `Processor` that a finished source leaves nothing to do for.

    Args:
        **others: by their names; what is None, False or 0 was not given.

    Raises:
        ParameterError: one of them was given.
    """
    given = [name for name, value in others.items() if value]
    if given:
        raise ParameterError(
            f"source and {' and '.join(given)} contradict each other: a source brings finished"
            " dreams, and no network computes here. Leave one out."
        )


def check_one_network(pack: PackOrName | None, values: Mapping[str, Value]) -> None:
    """Refuse two different answers to the question which network plays.

    Raises:
        ParameterError: there is a pack, and `model` among the values names another.
        ModelError: there is no such pack.
    """
    model = values.get("model")
    if pack is not None and model is not None and not is_named(str(model), resolve_pack(pack)):
        raise ParameterError(f"pack and model={model!r} name two networks: give one of them.")


def check_target_sound(parameters: Values, has_sidechain: bool = False) -> None:
    """Refuse a target that needs a target sound where there is none.

    Args:
        parameters: those of the stream to come.
        has_sidechain: whether a sidechain comes with the stream.

    Raises:
        ParameterError: the parameters name no file, and there is no sidechain.
    """
    named = parameters.text("target_sound")
    if uses_sound(parameters.text("target")) and not (named or has_sidechain):
        raise ParameterError(MISSING)


def inline_source(
    pack: PackOrName | None,
    parameters: ParameterSet,
    dreamer: GradientSource | None,
    seed: int,
    realtime: bool = False,
) -> MakeSource:
    """Load a network into this process, and check at once what the parameters ask of it.

    The parameter `model` is set to what plays, where it names another network.

    Args:
        pack: a model pack, its name or its folder; None takes the one that the parameters name.
        parameters: those of the stream to come.
        dreamer: where gradients come from; None takes the pack's own graph.
        seed: of the random draws of the drive `grains`.
        realtime: compute in a thread for each source; otherwise within `feed`, on schedule.

    Raises:
        InnerearError: an unknown model, layer or target, a drive that the model cannot do, or a
            dreamer of another network than the pack's.
    """
    loaded = _chosen(pack, parameters)
    if dreamer is not None:
        _check_fits(dreamer, loaded)
    Target(loaded.layers, loaded.classes, parameters.text("layer"), parameters.text("target"))
    drive = parameters.text("drive")
    if DRIVES[drive].needs_templates and tracker_of(loaded) is None:
        raise ParameterError(f"drive cannot be {drive!r}: {loaded.name} has no templates.")

    def opened() -> tuple[GradientSource, Tracker | None]:
        """Open the graphs for one thread: their arrays are written over at each call."""
        budget = UPDATE_BUDGET_SECONDS if realtime else None
        own = loaded.gradient_source(budget) if dreamer is None else dreamer
        return own, tracker_of(loaded)

    # Opened now: a graph that cannot run is an error here, and not at `prepare`.
    first = opened()
    if realtime:
        spare = [first]
        if dreamer is not None:
            dreamer = _OneAtATime(dreamer)
            spare = [(dreamer, first[1])]
        return thread_source(loaded, lambda: spare.pop() if spare else opened(), seed)

    def make(parameters: Values, sample_rate: int, n_fft: int) -> DreamSource:
        # All sources of a stream compute in the thread that feeds them, one after the other.
        return StreamingDream(*first, parameters, sample_rate, n_fft, inline=True, seed=seed)

    return make


class _OneAtATime:
    """Lets several threads use a dreamer that was made for one: they wait for each other."""

    def __init__(self, dreamer: GradientSource) -> None:
        self._dreamer = dreamer
        self._lock = threading.Lock()
        self.sample_rate, self.window = dreamer.sample_rate, dreamer.window
        self.layers, self.classes = dreamer.layers, dreamer.classes

    def value_and_grad(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        with self._lock:
            return self._dreamer.value_and_grad(waveform, directions, rule)

    def gradient(
        self, waveform: Float, directions: Mapping[str, Float], rule: Rule = "gradient"
    ) -> Gradient:
        with self._lock:
            found = self._dreamer.gradient(waveform, directions, rule)
            # The dreamer may write over its arrays as soon as the next thread calls it.
            return replace(
                found,
                waveform=found.waveform.copy(),
                activations={name: each.copy() for name, each in found.activations.items()},
            )

    def hear(self, waveform: Float) -> Activations:
        with self._lock:
            return {name: each.copy() for name, each in self._dreamer.hear(waveform).items()}


def _chosen(pack: PackOrName | None, parameters: ParameterSet) -> PackLike:
    """Return the pack that plays, and let the parameter `model` say so."""
    model = parameters.text("model")
    if pack is None:
        return load(model)
    loaded = resolve_pack(pack)
    if not is_named(model, loaded):
        parameters.set("model", model_of(loaded))
    return loaded


def _check_fits(dreamer: GradientSource, pack: PackLike) -> None:
    for what in ("sample_rate", "window"):
        own, wanted = getattr(dreamer, what), getattr(pack, what)
        if own != wanted:
            raise ParameterError(
                f"The dreamer belongs to another network than {pack.name}: its {what} is {own},"
                f" not {wanted}."
            )
    if tuple(dreamer.layers) != tuple(pack.layers):
        raise ParameterError(
            f"The dreamer belongs to another network than {pack.name}: its layers are"
            f" {', '.join(dreamer.layers)}, not {', '.join(pack.layers)}."
        )
