"""Activation maximisation: find the sound that excites a unit, a class, or a mix of them most."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import overload

from ..defaults import SEED
from ..packs.network import Network
from ..packs.resolve import PackOrName, resolve_pack
from ..targets.objectives import Objective, parse_mix
from .batch_ascent import MaximisedSound, maximise_batch
from .batches import balanced, in_parallel
from .method import Method, with_settings
from .parameterisations import Parameterisation

__all__ = ["MaximisedSound", "Method", "maximise"]

_Progress = Callable[[float], None]


@overload
def maximise(
    pack: Network | PackOrName,
    objectives: str | Objective,
    *,
    parameterisation: str | Parameterisation | None = None,
    steps: int | None = None,
    seed: int = SEED,
    method: Method | None = None,
    keep_process: bool = False,
    progress: _Progress = ...,
) -> MaximisedSound: ...


@overload
def maximise(
    pack: Network | PackOrName,
    objectives: Sequence[Objective] | list[str] | list[str | Objective] | tuple[str, ...],
    *,
    parameterisation: str | Parameterisation | None = None,
    steps: int | None = None,
    seed: int = SEED,
    method: Method | None = None,
    keep_process: bool = False,
    progress: _Progress = ...,
) -> list[MaximisedSound]: ...


def maximise(
    pack: Network | PackOrName,
    objectives: str | Objective | Sequence[str | Objective],
    *,
    parameterisation: str | Parameterisation | None = None,
    steps: int | None = None,
    seed: int = SEED,
    method: Method | None = None,
    keep_process: bool = False,
    progress: _Progress = lambda share: None,
) -> MaximisedSound | list[MaximisedSound]:
    """Find the sound that excites a unit, a class or a mix of them most, from noise.

    The gradient of the mean activation over time is climbed (Lee, "Activation maximization on raw
    waveforms", 2019). Sounds stay at one level, so that loudness gains nothing. The same seed gives
    the same sound, whatever else is sought in the same call. On a CPU, batches run side by side,
    one on each core.

    Args:
        pack: the network: a pack, its name, or its folder.
        objectives: what to excite: in words (`conv5/12`, `Brass`, `Brass + conv5/12*0.5`),
            an `Objective`, or a list of either.
        parameterisation: what is changed: `spectrum`, `waveform` or `filter`; by default the
            method's, `spectrum`.
        steps: at most; by default the method's, 256.
        seed: of the noise and the transforms, 0 or more.
        method: everything else.
        keep_process: whether to keep the sound of each step.
        progress: called with the share of the work that is done, 0..1.

    Returns:
        one `MaximisedSound` for one objective; for a list of objectives a list, in its order.

    Raises:
        ModelError: there is no such pack, layer, unit or class, or the network answers with a
            number that is not finite.
        ParameterError: a setting is out of range.

    Examples:
        >>> import innerear
        >>> found = innerear.maximise("samplecnn-digits", "seven", steps=8)
        >>> found.sound.shape, found.at_end > found.at_start
        ((17496,), True)

        Several units in one call, and a sum of two:

        >>> units = innerear.maximise("samplecnn-digits", ["conv5/3", "conv5/7"], steps=4)
        >>> [each.objective.name for each in units]
        ['conv5:3', 'conv5:7']
        >>> both = innerear.maximise("samplecnn-digits", "conv5/3 + conv5/7*0.5", steps=4)
        >>> both.dead
        False
    """
    network = resolve_pack(pack) if isinstance(pack, str | Path | Sequence) else pack
    method = with_settings(method or Method(), parameterisation, steps)
    single = isinstance(objectives, str | Objective)
    asked = [objectives] if isinstance(objectives, str | Objective) else list(objectives)
    wanted = [parse_mix(network, each) if isinstance(each, str) else each for each in asked]
    found: dict[int, MaximisedSound] = {}

    def work(part: range) -> list[MaximisedSound]:
        return maximise_batch(
            network, [wanted[index] for index in part], method, seed, keep_process
        )

    for part, results in in_parallel(network, work, balanced(network, len(wanted))):
        found.update(zip(part, results, strict=True))
        progress(len(found) / len(wanted))
    return found[0] if single else [found[index] for index in range(len(wanted))]
