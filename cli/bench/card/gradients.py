"""Measures gradients on two devices in turns, and how far their results differ."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from ....engine.analysis.batches import balanced, in_parallel, on_card
from ....engine.arrays import Float
from ....engine.errors import ModelError
from ....engine.packs.manifest import DREAM_FILE, OUTPUT_LAYER
from ....engine.packs.network import PackLike
from ....engine.packs.onnx_runners import GradientRunner
from ....engine.packs.pack import Pack, load_pack
from ....engine.packs.resolve import load
from ....engine.packs.sessions.captured import CUDA_GRAPH
from ....engine.packs.sessions.session import open_session
from ....exporters.compare import relative_error
from ..measure_gradient import dream_in_torch, in_turns, lower_quartile_ms, noise

Devices = tuple[str, str]
"""What is measured beside, and what is measured."""
SIDES = ("beside", "device")
"""The same in results."""

SETTINGS: Mapping[str, dict[str, str]] = {
    "as shipped": {},
    "TF32": {"use_tf32": "1"},
    "every algorithm tried": {"cudnn_conv_algo_search": "EXHAUSTIVE"},
    "default algorithm": {"cudnn_conv_algo_search": "DEFAULT"},
    "no CUDA graph": {CUDA_GRAPH: "0"},
    "copies in their own stream": {"do_copy_in_default_stream": "0"},
}
"""Options of CUDA in ONNX Runtime, over those that we ship."""


def gradients(
    model: str, devices: Devices, batches: Sequence[int], repetitions: int
) -> list[dict[str, Any]]:
    """Measure a pack's gradient on two devices in turns, and in torch on the second.

    A CPU splits a batch among its cores, and a card takes it whole, as offline dreams do.

    Args:
        model: name of the pack.
        devices: that take turns.
        batches: waveforms at once.
        repetitions: of batches of up to 4; larger ones are repeated less.

    Returns:
        a row for each batch; milliseconds are lower quartiles.
    """
    packs = [load_pack(model, device=device) for device in devices]
    rows = []
    for batch in batches:
        waveform = noise(packs[0], batch)
        wanted = {OUTPUT_LAYER: unit(packs[0], OUTPUT_LAYER)}
        tasks: list[Callable[[], object]] = [_task(pack, waveform, wanted) for pack in packs]
        in_torch = packs[0].manifest.architecture is not None
        if in_torch:
            where = packs[1].device if torch.cuda.is_available() else "cpu"
            tasks.append(dream_in_torch(packs[0], where, waveform, wanted))
        count = max(3, repetitions // max(1, batch // 4))
        times = [lower_quartile_ms(each) for each in in_turns(tasks, count)]
        rows.append(
            {
                "model": model,
                "batch": batch,
                "ms": dict(zip(SIDES, times[:2], strict=True)),
                "torch_ms": times[2] if in_torch else None,
                "times_as_fast": times[0] / times[1],
            }
        )
    return rows


def agreement(model: str, devices: Devices, batch: int = 4) -> dict[str, Any]:
    """Return how far results on the second device differ from those on the first.

    Args:
        model: name of the pack.
        devices: the two.
        batch: waveforms of noise.

    Returns:
        `gradient_error`: the largest over layers of the norm of the difference over the norm;
        `score_difference`: the largest of the class scores; `stream_error`: of the gradient as
        live play computes it, against that of a batch on the same device.
    """
    first, last = (load_pack(model, device=device) for device in devices)
    waveform = noise(first, batch)
    error = 0.0
    for layer in first.layers:
        wanted = {layer: unit(first, layer)}
        one, other = (pack.value_and_grad(waveform, wanted)[1] for pack in (first, last))
        error = max(error, relative_error(other, one))
    heard = [pack.hear(waveform)[OUTPUT_LAYER] for pack in (first, last)]
    source = last.gradient_source()
    wanted = {OUTPUT_LAYER: unit(first, OUTPUT_LAYER)}
    streamed = np.stack([source.gradient(window, wanted).waveform.copy() for window in waveform])
    return {
        "model": model,
        "gradient_error": error,
        "score_difference": float(np.abs(heard[1] - heard[0]).max()),
        "stream_error": relative_error(streamed, last.value_and_grad(waveform, wanted)[1]),
    }


def settings(model: str, device: str, repetitions: int) -> list[dict[str, Any]]:
    """Measure the gradient of one window on a card with other options of CUDA, in turns.

    Returns:
        a row for each of `SETTINGS`: `ms`, and the relative `error` against what we ship; or
        `failed`, why the option cannot be had.
    """
    pack = load_pack(model, device=device)
    wanted = {OUTPUT_LAYER: unit(pack, OUTPUT_LAYER)}
    window = noise(pack, 1)
    tasks: dict[str, Callable[[], object]] = {}
    failed: dict[str, str] = {}
    reference = pack.value_and_grad(window, wanted)[1]
    errors: dict[str, float] = {}
    for name, options in SETTINGS.items():
        if options and not on_card(pack):
            continue
        try:
            session = open_session(pack.read(DREAM_FILE), 1, pack.device, options)
            runner = GradientRunner(session, pack.window, pack.layers)
            errors[name] = relative_error(runner.run(window, wanted)[1], reference)
        except ModelError as problem:
            failed[name] = str(problem)
            continue
        tasks[name] = partial(runner.run, window, wanted)
    times = in_turns(list(tasks.values()), repetitions)
    rows: list[dict[str, Any]] = [
        {"model": model, "setting": name, "ms": lower_quartile_ms(each), "error": errors[name]}
        for name, each in zip(tasks, times, strict=True)
    ]
    return rows + [{"model": model, "setting": k, "failed": v} for k, v in failed.items()]


def sets(models: str, devices: Devices, repetitions: int) -> dict[str, Any]:
    """Measure the gradient of one window of several networks, as an update of live play asks it.

    Args:
        models: names with commas.
        devices: that take turns.
        repetitions: of each.
    """
    packs = [load(models, device=device) for device in devices]
    window = noise(packs[0], 1)[0]
    layer = OUTPUT_LAYER
    wanted = {layer: unit(packs[0], layer)}
    sources = [pack.gradient_source() for pack in packs]
    results = [source.gradient(window, wanted).waveform.copy() for source in sources]
    times = in_turns([partial(source.gradient, window, wanted) for source in sources], repetitions)
    ms = [lower_quartile_ms(each) for each in times]
    return {
        "models": models,
        "ms": dict(zip(SIDES, ms, strict=True)),
        "times_as_fast": ms[0] / ms[1],
        "gradient_error": relative_error(results[1], results[0]),
    }


def unit(pack: PackLike, layer: str) -> Float:
    """Return the direction of a layer's first unit."""
    direction = np.zeros(pack.layers[layer].units, np.float32)
    direction[0] = 1.0
    return direction


def _task(pack: Pack, waveform: Float, wanted: Mapping[str, Float]) -> Callable[[], object]:
    parts = balanced(pack, len(waveform))

    def work(part: range) -> object:
        return pack.value_and_grad(waveform[part.start : part.stop], wanted)

    if len(parts) == 1:
        return lambda: work(parts[0])
    return lambda: list(in_parallel(pack, work, parts))
