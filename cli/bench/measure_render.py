"""Measures rendering, beside the least that it could take: the gradients of its updates alone."""

import time
from collections.abc import Mapping
from statistics import median
from typing import Any

import numpy as np

from ...engine.arrays import Float
from ...engine.dreaming.streaming_dream import UPDATE_SECONDS
from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ...engine.packs.network_set import NetworkSet
from ...engine.packs.resolve import load
from ...engine.parameter import Value
from ...engine.parameter_values import ParameterSet
from ...engine.plugin.render import render

GRADIENTS = 40
CHOICES: Mapping[str, Mapping[str, Value]] = {
    "the default": {"target": "Speech"},
    "the default with feedback": {"target": "Speech", "feedback": 0.3},
    "one network, waveform": {
        "model": "samplecnn-instruments",
        "parameterisation": "waveform",
        "target": "Brass",
    },
}


def benchmark_render(seconds: float, rounds: int) -> list[dict[str, Any]]:
    """Render a phrase in stereo with several settings, in turns.

    Args:
        seconds: of the phrase.
        rounds: how often.

    Returns:
        for each of the settings: `what`; `realtime_factor` and `processor_factor`, seconds of
        sound for a second by the clock and of processor time, medians; `gradients_factor`, what
        the first would be if the gradients of all updates were all that is computed, one after the
        other; `at_once_factor`, with each network on a core of its own.
    """
    sound = np.repeat(short_phrase()[:1, : round(seconds * SAMPLE_RATE)], 2, axis=0)
    duration = sound.shape[1] / SAMPLE_RATE
    found: dict[str, list[tuple[float, float]]] = {what: [] for what in CHOICES}
    gradients: dict[str, list[list[float]]] = {what: [] for what in CHOICES}
    for values in CHOICES.values():  # what is loaded once is not counted
        render(sound[:, : SAMPLE_RATE // 4], SAMPLE_RATE, parameters=ParameterSet(**values))
    for _ in range(rounds):
        for what, values in CHOICES.items():
            gradients[what].append(_gradient_seconds(values))
            clock, processor = time.perf_counter(), time.process_time()
            render(sound, SAMPLE_RATE, parameters=ParameterSet(**values))
            found[what].append((time.perf_counter() - clock, time.process_time() - processor))
    return [
        {
            "what": what,
            "realtime_factor": duration / median(clock for clock, _ in found[what]),
            "processor_factor": duration / median(processor for _, processor in found[what]),
            "gradients_factor": UPDATE_SECONDS / median(map(sum, gradients[what])),
            "at_once_factor": UPDATE_SECONDS / median(map(max, gradients[what])),
        }
        for what in CHOICES
    ]


def _gradient_seconds(values: Mapping[str, Value]) -> list[float]:
    """Return the processor time of one gradient of each network that takes part."""
    pack = load(ParameterSet(**values).text("model"))
    networks = [each.network for each in pack.members] if isinstance(pack, NetworkSet) else [pack]
    seconds = []
    for network in networks:
        source = network.gradient_source()
        window = _window(network.window, network.sample_rate)
        direction = np.eye(len(network.classes), dtype=np.float32)[0]
        times = []
        for _ in range(GRADIENTS):
            begun = time.thread_time()
            source.gradient(window, {"output": direction})
            times.append(time.thread_time() - begun)
        seconds.append(median(times))
    return seconds


def _window(samples: int, sample_rate: int) -> Float:
    from ...engine.dsp.resample import resample

    return np.ascontiguousarray(resample(short_phrase(), SAMPLE_RATE, sample_rate)[0, -samples:])
