"""Measures whole pieces of work on two devices: a render, a training, a library."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ....engine.analysis.judging.judges import Judge
from ....engine.analysis.judging.sound_measures import power_db
from ....engine.arrays import Float
from ....engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ....engine.io.audio_files import SoundWriter
from ....engine.packs.pack import load_pack
from ....engine.packs.resolve import load
from ....engine.parameter_values import ParameterSet
from ....engine.plugin.render import render
from ....exporters.capture.threads import torch_threads
from ....library.building import build
from ....library.plan import Grid
from ....models.sounds.bank import Bank
from ....models.sounds.instruments import CLASSES
from ....models.training.recipes import find_recipe
from ....models.training.train import Trainer, pick_device
from .gradients import SIDES, Devices

JUDGE, TARGET = "samplecnn-instruments", "Brass"
_SOUNDS_EACH = 8
_WARM_UP = 3


@contextmanager
def cores(count: int) -> Iterator[None]:
    """Let this process and those that it starts use only so many cores, where Linux can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def renders(model: str, devices: Devices, seconds: float) -> dict[str, Any]:
    """Render a phrase on each device, and once more where a millionth of it is changed.

    What is dreamed goes into what is dreamed next: rounding grows, and the third render says by how
    much, on one device.

    Args:
        model: names of the networks.
        devices: the two.
        seconds: of the phrase.

    Returns:
        `times_real_time` of each; of the second's result against the first's, and of that of the
        changed phrase: `difference_db`, the power of the difference over the power; and
        `score_difference` of what a network hears in them.
    """
    sound = _phrase(seconds)
    speeds: dict[str, float] = {}
    results: list[Float] = []
    for side, device in zip(SIDES, devices, strict=True):
        pack = load(model, device=device)
        render(sound[:, : SAMPLE_RATE // 2], SAMPLE_RATE, pack, parameters=ParameterSet())
        started = time.perf_counter()
        results.append(render(sound, SAMPLE_RATE, pack, parameters=ParameterSet()))
        speeds[side] = sound.shape[1] / SAMPLE_RATE / (time.perf_counter() - started)
    noise = 1 + 1e-6 * np.random.default_rng(0).standard_normal(sound.shape)
    changed = (sound * noise).astype(np.float32)
    first = load(model, device=devices[0])
    results.append(render(changed, SAMPLE_RATE, first, parameters=ParameterSet()))
    judge = Judge(load_pack(JUDGE))
    heard = [judge.listen(each, SAMPLE_RATE).mean(axis=0) for each in results]
    return {
        "model": model,
        "times_real_time": speeds,
        **{
            name: {
                "difference_db": power_db(results[at] - results[0]) - power_db(results[0]),
                "score_difference": float(np.abs(heard[at] - heard[0]).max()),
            }
            for at, name in ((1, "device"), (2, "changed"))
        },
    }


def training(recipe_name: str, devices: Devices, steps: int, threads: int) -> dict[str, Any]:
    """Train a recipe's network for some steps on each device, with noise in place of its sounds.

    Args:
        recipe_name: a key of `RECIPES`.
        devices: the two.
        steps: to measure.
        threads: of torch on the CPU.

    Returns:
        `steps_a_second` of each; `loss_difference`, relative, of fresh weights on one batch;
        `gradient_error`, of the gradient with respect to all weights there.
    """
    recipe = find_recipe(recipe_name)
    bank = noise_bank(recipe.sample_rate)
    speeds, losses, slopes = {}, [], []
    with torch_threads(threads):
        trainers = [Trainer(recipe, bank, pick_device(device)) for device in devices]
        generator = torch.Generator().manual_seed(0)
        waveform, targets = trainers[0].examples.batch(recipe.batch, generator)
        for trainer in trainers:
            trainer.network.eval()  # without dropout, which each device draws itself
            where = trainer.device
            scores = trainer.network(waveform.to(where))["output"].mean(dim=2)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, targets.to(where))
            weights = [each for each in trainer.network.parameters() if each.requires_grad]
            found = torch.autograd.grad(loss, weights, allow_unused=True)
            slopes.append(torch.cat([each.flatten().cpu() for each in found if each is not None]))
            losses.append(float(loss.detach()))
            trainer.network.train()
        for side, trainer in zip(SIDES, trainers, strict=True):
            for number in range(_WARM_UP):
                trainer.step(number)
            started = time.perf_counter()
            for number in range(_WARM_UP, _WARM_UP + steps):
                trainer.step(number)  # its loss comes to memory, so the card has finished
            speeds[side] = steps / (time.perf_counter() - started)
    return {
        "recipe": recipe_name,
        "batch": recipe.batch,
        "steps_a_second": speeds,
        "times_as_fast": speeds["device"] / speeds["beside"],
        "loss_difference": abs(losses[-1] - losses[0]) / abs(losses[0]),
        "gradient_error": float((slopes[-1] - slopes[0]).norm() / slopes[0].norm()),
    }


def libraries(
    method: str, model: str, devices: Devices, items: int, seconds: float, workers: int
) -> dict[str, Any]:
    """Build a library on each device.

    Args:
        method: of `innerear library build`.
        model: the network that dreams.
        devices: the two.
        items: how many dreams; as many seeds.
        seconds: of the sound.
        workers: processes.

    Returns:
        `items_a_second` of each, from the first item that is done to the last, so without the
        start of the processes; `score_difference`, the largest between the same items.
    """
    from ....library.library import Library

    speeds: dict[str, float] = {}
    scores = []
    grid = Grid((method,), (model,), (TARGET,), {"step": [0.2 + 0.01 * n for n in range(items)]})
    with tempfile.TemporaryDirectory(prefix="innerear-") as folder:
        sound = Path(folder) / "phrase.wav"
        phrase = _phrase(seconds)
        with SoundWriter(sound, SAMPLE_RATE, len(phrase)) as writer:
            writer.write(phrase)
        for side, device in zip(SIDES, devices, strict=True):
            place = Path(folder) / side
            times: list[tuple[int, float]] = []

            def done(count: int, total: int, times: list[tuple[int, float]] = times) -> None:
                times.append((count, time.perf_counter()))

            started = time.perf_counter()
            built = build(place, [sound], grid, workers=workers, device=device, progress=done)
            if built.failed:
                (reason,) = Library(place).find(limit=1, columns=["reason"])["reason"].to_pylist()
                raise RuntimeError(f"{built.failed} items failed on {device}: {reason}")
            first, last = times[0], times[-1]
            whole = (last[0] - first[0]) / (last[1] - first[1]) if last[0] > first[0] else 0.0
            speeds[side] = whole or last[0] / (last[1] - started)
            rows = Library(place).find(limit=None, columns=["settings", "score_after"]).to_pylist()
            scores.append({row["settings"]: row["score_after"] for row in rows})
    return {
        "method": method,
        "model": model,
        "items": items,
        "workers": workers,
        "items_a_second": speeds,
        "times_as_fast": speeds["device"] / speeds["beside"],
        "score_difference": max(abs(scores[-1][key] - scores[0][key]) for key in scores[0]),
    }


def noise_bank(sample_rate: int) -> Bank:
    """Return a bank of noise with the classes of instruments: how fast a step is needs no more."""
    samples = 2 * sample_rate
    count = _SOUNDS_EACH * len(CLASSES)
    waveforms = np.random.default_rng(0).integers(-9000, 9000, (count, samples), np.int16)
    return Bank(
        sample_rate,
        CLASSES,
        waveforms,
        np.arange(count) % len(CLASSES),
        np.full(count, samples, np.int64),
        np.arange(count) >= count - len(CLASSES),
    )


def _phrase(seconds: float) -> Any:
    phrase = np.atleast_2d(short_phrase())
    samples = round(seconds * SAMPLE_RATE)
    return np.tile(phrase, (1, -(-samples // phrase.shape[1])))[:, :samples]
