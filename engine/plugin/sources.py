"""Dreams computed in this process: on schedule, for files, or in a thread, to play in Python."""

from ..dreaming.dream import DreamSource, MakeSource
from ..dreaming.streaming_dream import Analyser
from ..drives import DRIVES
from ..errors import ParameterError
from ..ipc.inference_thread import thread_source
from ..packs.network import GradientSource, PackLike
from ..packs.pack import Pack, load
from ..packs.tracker import Tracker
from ..parameter_values import Values
from ..targets.target import Target


def inline_source(
    pack: PackLike | str | None,
    parameters: Values,
    dreamer: GradientSource | None,
    seed: int,
    realtime: bool = False,
) -> MakeSource:
    """Load a network into this process, and say at once what the parameters ask in vain.

    Args:
        pack: a model pack or its name; None takes the one that the parameters name.
        parameters: those of the stream to come.
        dreamer: where gradients come from; None takes the pack's own graph.
        seed: of what draws by chance.
        realtime: compute in a thread, so that nobody waits; otherwise on schedule.

    Raises:
        InnerearError: an unknown model, layer or target, or a drive that the model cannot do.
    """
    chosen = parameters.text("model") if pack is None else pack
    loaded = load(chosen) if isinstance(chosen, str) else chosen
    Target(loaded.layers, loaded.classes, parameters.text("layer"), parameters.text("target"))
    tracker = Tracker(loaded) if isinstance(loaded, Pack) and loaded.has_templates else None
    drive = parameters.text("drive")
    if DRIVES[drive].needs_templates and tracker is None:
        raise ParameterError(f"drive cannot be {drive!r}: {loaded.name} has no templates.")
    network = dreamer or loaded.gradient_source()

    if realtime:
        return thread_source(loaded, network, tracker, seed)

    def make(parameters: Values, sample_rate: int, n_fft: int) -> DreamSource:
        return Analyser(network, tracker, parameters, sample_rate, n_fft, inline=True, seed=seed)

    return make
