"""Writes the auralise graph: what single feature maps bring back to a network's input."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import onnx
import torch

from ..engine.errors import ModelError
from ..engine.packs.auralise_runner import HOP_KEY, KEEP_PREFIX, LENGTH_KEY, OUTPUT, Auraliser
from ..engine.packs.onnx_runners import RULES
from ..engine.packs.pack import Pack
from ..engine.packs.sessions.session import open_session
from ..models.networks.listener import Listener
from ..models.networks.restore import restore
from .capture.capture import CapturedListener, trace
from .capture.reference import torch_deconvolve
from .capture.threads import torch_threads
from .compare import CLOSE, relative_error, sample_waveforms
from .graph.builder import GraphBuilder
from .graph.operators import OPERATORS
from .graph.relu_rules import operators_by_rule
from .graph.translator import Translator

_TOLERANCE = 1e-4
_BATCHES = (2, 3)


def auralise_graph(listener: Listener) -> bytes:
    """Return `auralise.onnx` of a network, after a comparison with torch.

    Args:
        listener: on the CPU, float32; it is put into eval mode, its weights are frozen.

    Raises:
        ModelError: the network cannot be exported, or the graph differs from torch by more than
            1e-4.
    """
    with torch_threads(1):
        content: bytes = build_auralise_graph(listener).SerializeToString()
        error = _error(listener, content)
    if not error < _TOLERANCE:
        raise ModelError(
            f"The exported graph does not auralise as torch does: relative error {error:.1e}."
        )
    return content


def auraliser_of(pack: Pack) -> Auraliser:
    """Make the graph of a pack that has none, from its weights, and open it.

    Raises:
        ModelError: the network cannot be built again or exported.
    """
    session = open_session(auralise_graph(restore(pack)), device=pack.device)
    return Auraliser(session, pack.window, pack.layers)


def build_auralise_graph(listener: Listener) -> onnx.ModelProto:
    """Return the graph: `waveform`, `keep.<layer>` and `rule` in, `brought_back` out.

    The front end is computed once. The layers are computed forwards, then backwards from the kept
    maps to the front end's result, with the switches of max-poolings and each rule for ReLUs. There
    are as many `waveforms` as selections of kept maps, or one for all of them, which then goes
    forwards once and is broadcast over the selections.
    """
    captured = [CapturedListener(listener, batch, represented=True) for batch in _BATCHES]
    builder = GraphBuilder()
    window, shapes = listener.window, captured[0].shapes
    waveform = builder.input("waveform", np.float32, ["waveforms", window])
    rule = builder.input("rule", np.int64, [])
    kept = [
        builder.input(KEEP_PREFIX + name, np.float32, ["batch", shape[1]])
        for name, shape in shapes.items()
    ]
    front_ends = [
        trace(lambda given: (listener.represent(given),), [torch.zeros(batch, window)])
        for batch in _BATCHES
    ]
    (seen,) = Translator(builder, OPERATORS).translate(front_ends, _BATCHES, [waveform])
    graphs = [trace(each.deconvolve, _arguments(each, listener)) for each in captured]
    with torch.no_grad():
        _, *sizes = listener.represent(torch.zeros(1, window)).shape
    cases = [
        Translator(builder, operators).translate(graphs, _BATCHES, [seen, *kept])[0]
        for operators in operators_by_rule()
    ]
    builder.switch(rule, [{OUTPUT: case} for case in cases], {OUTPUT: ["batch", *sizes]})
    model = builder.model("innerear auralise")
    if listener.spectrum is not None:
        length, hop = listener.spectrum
        onnx.helper.set_model_props(model, {LENGTH_KEY: str(length), HOP_KEY: str(hop)})
    return model


def _arguments(captured: CapturedListener, listener: Listener) -> Sequence[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    waveform = 0.1 * torch.randn(captured.batch, captured.window, generator=generator)
    kept = [torch.ones(captured.batch, shape[1]) for shape in captured.shapes.values()]
    return [listener.represent(waveform), *kept]


def _error(listener: Listener, content: bytes) -> float:
    """Return the largest relative L2 error over layers and rules; of several draws the smallest.

    Three selections of maps go back from a waveform each, and from one that they share. Where two
    samples of a max-pooling are equal but for rounding, either may win.
    """
    session = open_session(content)
    units = {
        each.name.removeprefix(KEEP_PREFIX): each.shape[1]
        for each in session.get_inputs()
        if each.name.startswith(KEEP_PREFIX)
    }
    worst = 0.0
    for (layer, count), rule, waveforms in product(units.items(), RULES, (1, 3)):
        kept = {name: torch.zeros(3, each) for name, each in units.items()}
        kept[layer][0, 0] = kept[layer][1, -1] = 1.0
        kept[layer][1:, count // 2] = 1.0
        feeds = {KEEP_PREFIX + name: weight.numpy() for name, weight in kept.items()}
        draws = []
        for waveform in sample_waveforms(listener, waveforms):
            feeds |= {"waveform": waveform.numpy(), "rule": np.array(RULES[rule], np.int64)}
            (found,) = session.run(None, feeds)
            each = waveform.expand(3, -1)
            expected = torch_deconvolve(listener, each, {layer: kept[layer]}, rule)
            draws.append(relative_error(found, expected.numpy()))
            if draws[-1] < CLOSE:
                break
        worst = max(worst, min(draws))
    return worst
