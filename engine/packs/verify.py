"""Checks a model pack from end to end: files, graphs, and what they compute."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float
from ..errors import ModelError
from ..python_process import module_command
from .manifest import AURALISE_FILE, DREAM_FILE, HEAR_FILE, OUTPUT_LAYER, TEMPLATES_FILE
from .onnx_runners import ACTIVATION_PREFIX, DIRECTION_PREFIX, RULES
from .pack import Pack

Signature = tuple[str, list[Any]]
"""Type and shape of a graph's input or output; None stands for the batch, ... for any size."""

# In float32 a difference quotient is worth about two digits; a wrong gradient has none right.
_GRADIENT_TOLERANCE = 0.05
_ACTIVATION_TOLERANCE = 1e-3
SECONDS = 300.0
"""To check a stranger's pack: many times what those that are shipped take."""
MEMORY = 8 << 30
"""For it, in bytes of address space; libraries reserve much that they never use."""


@dataclass(frozen=True)
class Verification:
    """The result of checking a pack, which passed.

    Attributes:
        checks: one line each.
        gradient_error: largest relative difference of a layer's gradient and a quotient of
            differences.
    """

    checks: tuple[str, ...]
    gradient_error: float


def verify(folder: str | Path) -> Verification:
    """Check the pack in `folder`: its manifest, its files, its graphs, and what they compute.

    Raises:
        ModelError: at the first thing that is wrong, with one line that says what.
    """
    pack = Pack(folder)
    checks = [f"manifest of schema {pack.manifest.schema_version}"]
    for file in pack.manifest.files:
        pack.read(file)
    checks.append(f"{len(pack.manifest.files)} files with the right checksums")
    hear, dream = pack.open(HEAR_FILE), pack.open(DREAM_FILE)
    _check_signatures(pack, hear, dream)
    checks.append("graphs that match the manifest, with no data outside of the pack")
    waveform = _test_waveform(pack)
    _check_activations(pack, hear, dream, waveform)
    checks.append("both graphs hear the same, finite numbers")
    error = max(_gradient_error(pack, dream, waveform, layer) for layer in pack.layers)
    if not error < _GRADIENT_TOLERANCE:
        raise ModelError(
            f"{pack.folder / DREAM_FILE}: the gradient is not that of the objective "
            f"(relative difference {error:.2g})."
        )
    checks.append(f"gradients within {error:.1e} of a quotient of differences")
    if AURALISE_FILE in pack.manifest.files:
        _check_auraliser(pack, waveform)
        checks.append("a graph that auralises every layer")
    if TEMPLATES_FILE in pack.manifest.files:
        pack.templates()
        checks.append("templates for the layers")
    return Verification(tuple(checks), error)


def verify_apart(folder: Path) -> None:
    """Check a stranger's pack, as `verify` does, in a process that may take only so much.

    A small graph can ask for any time and memory, and what it takes is only known by running it.

    Raises:
        ModelError: it is not sound, or takes more than `SECONDS` or `MEMORY`.
    """
    command = module_command(__name__, str(folder))
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ModelError(f"{folder} cannot be checked within {SECONDS:g} s.") from None
    line = done.stdout.strip().rpartition(b"\n")[2]
    if done.returncode or not line:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise ModelError(f"{folder} cannot be checked: {reason or 'it ended the process'}.")
    if problem := str(json.loads(line)):
        raise ModelError(problem)


def main() -> None:
    """Print what is wrong with the pack in a folder, or an empty text, as one line of JSON."""
    folder, problem = sys.argv[1], ""
    _limit_memory()
    try:
        verify(folder)
    except ModelError as error:
        problem = str(error)
    except MemoryError:
        problem = f"{folder} takes more than {MEMORY / 1e9:.0f} GB of memory."
    print(json.dumps(problem), flush=True)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on this system; the time is limited all the same
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))


def _check_signatures(pack: Pack, hear: Any, dream: Any) -> None:
    window, layers = pack.window, pack.layers
    waveform: Signature = ("tensor(float)", [None, window])
    _compare(pack.folder / HEAR_FILE, "input", hear.get_inputs(), {"waveform": waveform})
    heard: dict[str, Signature] = {
        name: ("tensor(float)", [None, layers[name].units, ...]) for name in layers
    }
    _compare(pack.folder / HEAR_FILE, "output", hear.get_outputs(), heard)
    if [output.name for output in hear.get_outputs()] != list(layers):
        raise ModelError(f"{pack.folder / HEAR_FILE}: its outputs are not in network order.")
    units: dict[str, Signature] = {
        name: ("tensor(float)", [None, layer.units]) for name, layer in layers.items()
    }
    wanted: dict[str, Signature] = {"waveform": waveform, "rule": ("tensor(int64)", [])}
    wanted |= {DIRECTION_PREFIX + name: shape for name, shape in units.items()}
    _compare(pack.folder / DREAM_FILE, "input", dream.get_inputs(), wanted)
    given: dict[str, Signature] = {"objective": ("tensor(float)", [None]), "gradient": waveform}
    given |= {ACTIVATION_PREFIX + name: shape for name, shape in units.items()}
    _compare(pack.folder / DREAM_FILE, "output", dream.get_outputs(), given)


def _compare(path: Path, what: str, found: Any, wanted: Mapping[str, Signature]) -> None:
    """Refuse a graph whose inputs or outputs are not what is wanted."""
    by_name = {each.name: each for each in found}
    if missing := [name for name in wanted if name not in by_name]:
        raise ModelError(f"{path}: it has no {what} {missing[0]!r}.")
    if strange := [name for name in by_name if name not in wanted]:
        raise ModelError(f"{path}: its {what} {strange[0]!r} is not in the manifest.")
    for name, (kind, shape) in wanted.items():
        each = by_name[name]
        fits = len(each.shape) == len(shape) and all(
            not isinstance(size, int) if want is None else want in (size, ...)
            for size, want in zip(each.shape, shape, strict=True)
        )
        if each.type != kind or not fits:
            raise ModelError(
                f"{path}: its {what} {name!r} is {each.type} {each.shape}, which does not fit the "
                "manifest."
            )


def _test_waveform(pack: Pack) -> Float:
    """Return noise with a tone in it, [2, window]."""
    generator = np.random.default_rng(0)
    tone = np.sin(2 * np.pi * 440.0 / pack.sample_rate * np.arange(pack.window))
    noise = generator.standard_normal((2, pack.window))
    waveform: Float = (0.1 * noise + 0.2 * tone).astype(np.float32)
    return waveform


def _check_activations(pack: Pack, hear: Any, dream: Any, waveform: Float) -> None:
    names = list(pack.layers)
    heard = dict(zip(names, hear.run(names, {"waveform": waveform}), strict=True))
    for rule in RULES:
        generator = np.random.default_rng(1)
        directions = {
            name: generator.standard_normal((2, layer.units)).astype(np.float32)
            for name, layer in pack.layers.items()
        }
        found = _dream(dream, waveform, directions, RULES[rule])
        for name, array in {**heard, **found}.items():
            if not np.isfinite(array).all():
                raise ModelError(f"{pack.folder}: {name!r} is not finite (rule {rule!r}).")
        for name in names:
            mean, again = heard[name].mean(2), found[ACTIVATION_PREFIX + name]
            if np.linalg.norm(mean - again) > _ACTIVATION_TOLERANCE * np.linalg.norm(mean) + 1e-6:
                raise ModelError(f"{pack.folder}: its two graphs hear {name!r} differently.")
    scores = heard[OUTPUT_LAYER]
    if scores.min() < 0 or scores.max() > 1:
        raise ModelError(f"{pack.folder / HEAR_FILE}: its scores are not between 0 and 1.")


def _check_auraliser(pack: Pack, waveform: Float) -> None:
    """Refuse a graph that brings back what is not finite.

    By the rule of the gradient, two maps together must bring back what each does alone.
    """
    graph, path = pack.auraliser(), pack.folder / AURALISE_FILE
    for rule in RULES:
        for name, layer in pack.layers.items():
            both = np.zeros((2, layer.units), np.float32)
            both[0, 0] = both[1, -1] = 1.0
            one, other = (graph.run(waveform, {name: row}, rule) for row in both)
            if not (np.isfinite(one).all() and np.isfinite(other).all()):
                raise ModelError(
                    f"{path}: what {name!r} brings back is not finite (rule {rule!r})."
                )
            if rule == "gradient":
                together = graph.run(waveform, {name: both.sum(0)}, rule)
                wanted = np.linalg.norm(one + other)
                if np.linalg.norm(together - one - other) > _ACTIVATION_TOLERANCE * wanted + 1e-6:
                    raise ModelError(f"{path}: it mixes up the maps of {name!r}.")


def _gradient_error(pack: Pack, dream: Any, waveform: Float, layer: str) -> float:
    """Return the relative difference of the slope along a random half of the gradient.

    Along a wholly random direction the slope would drown in rounding.
    """
    generator = np.random.default_rng(2)
    directions = {
        name: np.zeros((len(waveform), each.units), np.float32)
        for name, each in pack.layers.items()
    }
    shape = directions[layer].shape
    directions[layer] = generator.standard_normal(shape).astype(np.float32)
    gradient = _dream(dream, waveform, directions, 0)["gradient"].astype(np.float64)
    along = gradient * generator.integers(0, 2, gradient.shape)
    size = np.linalg.norm(along, axis=1, keepdims=True)
    if not size.all():
        return 0.0  # a layer that hears nothing in the test sound
    along /= size
    slope = (gradient * along).sum(1)
    errors = []
    # Too large a step crosses kinks, too small a one is lost in rounding: one of them is good. The
    # smallest are for spectra, whose magnitudes have sharp bends where a sound hardly has a part.
    for step in (0.3, 0.1, 0.03, 0.01, 0.003, 0.001):
        ends = [
            _dream(dream, (waveform + sign * step * along).astype(np.float32), directions, 0)[
                "objective"
            ].astype(np.float64)
            for sign in (1, -1)
        ]
        quotient = (ends[0] - ends[1]) / (2 * step)
        errors.append(np.abs(quotient - slope) / np.abs(slope))
    return float(np.max(np.min(errors, axis=0)))


def _dream(
    dream: Any, waveform: Float, directions: Mapping[str, Float], rule: int
) -> dict[str, Float]:
    feeds: dict[str, Any] = {"waveform": waveform, "rule": np.array(rule, np.int64)}
    feeds |= {DIRECTION_PREFIX + name: direction for name, direction in directions.items()}
    names = [output.name for output in dream.get_outputs()]
    return dict(zip(names, dream.run(names, feeds), strict=True))


if __name__ == "__main__":
    main()
