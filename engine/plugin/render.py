"""Runs the processor over a file or an array, faster or slower than real time."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..analysis.sounds import as_channels
from ..arrays import Float
from ..cores import cores, quick_turns
from ..defaults import BLOCK_SIZE, LIVE_PACK, SEED
from ..dreaming.dream import MakeSource
from ..dsp.durations import Durations
from ..errors import InnerearError
from ..files import check_output, check_separate, write_beside
from ..io.audio_files import SoundReader, SoundWriter, check_sound_output
from ..packs.network import PackLike
from ..packs.resolve import PackOrName, resolve_pack
from ..parameter import Value
from ..parameter_values import ParameterSet
from ..targets.target_mix import implied_target
from .dreams_ahead import DreamsAhead, can_dream_ahead
from .processor import Processor
from .sources import check_one_network, check_target_sound, inline_source

Progress = Callable[[int, int], None]


def process_stream(
    processor: Processor,
    blocks: Iterable[Float],
    durations: Durations | None = None,
    sidechain: Float | None = None,
) -> Iterator[Float]:
    """Run a prepared processor over sound in pieces of any size, and remove its latency.

    Args:
        processor: prepared.
        blocks: float32 (channels, any number of samples).
        durations: counts the duration of each call of `process`; None for no count.
        sidechain: float32 (channels, samples), from the first block on, silence after its end;
            None for none.

    Yields:
        float32 (channels, samples), together exactly as long as the input.
    """
    size = processor.block_size or BLOCK_SIZE
    skip, owed, at = processor.latency_samples, 0, 0
    waiting = np.zeros((processor.channels, 0), np.float32)

    def advance(piece: Float) -> Float:
        nonlocal skip, at
        beside = None
        if sidechain is not None:
            beside = sidechain[:, at : at + size]
            beside = np.pad(beside, ((0, 0), (0, size - beside.shape[1])))
        at += size
        started = time.perf_counter()
        out = processor.process(piece, beside)
        if durations is not None:
            durations.add(time.perf_counter() - started)
        dropped = min(skip, size)
        skip -= dropped
        return out[:, dropped:]

    for block in blocks:
        owed += block.shape[1]
        waiting = np.concatenate((waiting, block), axis=1) if waiting.size else block
        while waiting.shape[1] >= size:
            out = advance(waiting[:, :size])
            waiting = waiting[:, size:]
            owed -= out.shape[1]
            yield out
    while owed > 0:  # silence pushes the rest out
        missing = size - waiting.shape[1]
        out = advance(np.pad(waiting, ((0, 0), (0, missing))))[:, :owed]
        waiting = waiting[:, :0]
        owed -= out.shape[1]
        yield out


def render(
    sound: ArrayLike,
    sample_rate: int,
    pack: PackOrName = LIVE_PACK,
    *,
    parameters: ParameterSet | None = None,
    block_size: int = BLOCK_SIZE,
    seed: int = SEED,
    target_sound: ArrayLike | str | Path | None = None,
    **values: Value,
) -> Float:
    """Return the dreamed sound, as the live processor plays it.

    Args:
        sound: (samples,) or (channels, samples), full scale at 1.
        sample_rate: of the sound, in hertz.
        pack: the network: a pack, its name, or its folder.
        parameters: values of all parameters, such as a preset's; by default the defaults.
        block_size: samples per call of the processor; the result does not depend on it.
        seed: of what is drawn by chance: the drive `grains`.
        target_sound: another sound: what the layer hears in it is the direction (the target
            `sound`, unless another is given). A file plays in a loop; samples of the same rate,
            shaped as `sound`, run beside it.
        **values: parameters by id, on top: target, layer, step, feedback, ...; see `PARAMETERS`.
            If `pack` is left out, the parameter `model` names the network.

    Returns:
        float32 of the same shape, without the processor's latency.

    Raises:
        ModelError: there is no such pack, layer or target.
        ParameterError: the sound is empty, has another shape or holds NaN; there is no such
            parameter, or it cannot take that value; or both `pack` and `model` are given.

    Examples:
        >>> import innerear
        >>> from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
        >>> phrase = short_phrase()[:, :SAMPLE_RATE]
        >>> dreamed = innerear.render(phrase, SAMPLE_RATE, target="Brass", feedback=0.3)
        >>> dreamed.shape == phrase.shape
        True

        At a mix of 0 the sound stays as it is, bit for bit:

        >>> bool((innerear.render(phrase, SAMPLE_RATE, mix=0.0) == phrase).all())
        True
    """
    array = as_channels("sound", sound)
    before = parameters.as_dict() if parameters is not None else {}
    sidechain: Float | None = None
    if target_sound is not None:
        values = {**implied_target(values, before), **values, "target_sound": ""}
    if isinstance(target_sound, str | Path):
        values["target_sound"] = str(target_sound)
    elif target_sound is not None:
        sidechain = as_channels("target_sound", target_sound)
    given = {**before, **values}
    if pack == LIVE_PACK:
        pack = str(given.get("model", LIVE_PACK))
    network = resolve_pack(pack)
    check_one_network(network, values)
    chosen = ParameterSet(**given)
    check_target_sound(chosen, sidechain is not None)
    source = inline_source(network, chosen, None, seed)
    processor, through = _processor(source, chosen, alone=sidechain is not None)
    processor.prepare(sample_rate, block_size, array.shape[0])
    with quick_turns(), closing(processor):
        blocks = list(process_stream(processor, through([array]), sidechain=sidechain))
    return np.concatenate(blocks, axis=1).reshape(np.shape(sound))


def render_file(
    source: Path,
    destination: Path,
    parameters: ParameterSet,
    *,
    pack: PackLike | None = None,
    block_size: int = BLOCK_SIZE,
    seed: int = SEED,
    report: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Render a sound file as a stream: memory does not grow with its length.

    Args:
        source: a sound file (see `SoundReader`).
        destination: the file to write (see `SoundWriter`), as long as the source, at its rate.
        parameters: all of them.
        pack: a model pack; by default the one that the parameters name.
        block_size: samples per call of the processor.
        seed: of the random draws of the drive `grains`.
        report: a JSON file to write besides.
        progress: called with samples done and in all.

    Returns:
        The report.

    Raises:
        InnerearError: an error in the files, the parameters or the model; then nothing is
            written.
    """
    check_sound_output(destination)
    if report is not None:
        check_output(report, InnerearError)
    beside = parameters.text("target_sound")
    check_separate(
        [destination, *([report] if report else [])], [source, *([Path(beside)] if beside else [])]
    )
    check_target_sound(parameters)
    durations = Durations()
    with quick_turns(), ExitStack() as stack:
        reader = stack.enter_context(SoundReader(source))
        # A copy: a window's knobs that are turned meanwhile are for what plays.
        parameters = ParameterSet(**parameters.as_dict())
        processor, through = _processor(inline_source(pack, parameters, None, seed), parameters)
        processor.prepare(reader.sample_rate, block_size, reader.channels)
        stack.callback(processor.close)
        blocks = reader.blocks(block_size)
        done, peak, started = 0, 0.0, time.perf_counter()
        with SoundWriter(destination, reader.sample_rate, reader.channels) as writer:
            for block in process_stream(processor, through(blocks), durations):
                writer.write(block)
                done += block.shape[1]
                peak = max(peak, float(np.abs(block).max(initial=0.0)))
                if progress is not None:
                    progress(done, reader.samples)
        seconds = time.perf_counter() - started
    sound_seconds = done / reader.sample_rate
    status = processor.status
    block_ms = durations.summary_ms()
    found: dict[str, Any] = {
        "samples": done,
        "sample_rate": reader.sample_rate,
        "channels": reader.channels,
        "block_size": block_size,
        "latency_samples": processor.latency_samples,
        "peak_dbfs": round(20.0 * float(np.log10(peak)), 3) if peak > 0.0 else None,
        "nan_resets": status.nan_resets,
        "seed": seed,
        "parameters": parameters.as_dict(),
        "dreams": status.dreams.as_dict(),
        "block_ms": block_ms,
        "budget_ratio_p999": round(
            block_ms["p999"] / (1000.0 * block_size / reader.sample_rate), 4
        ),
        "realtime_factor": round(sound_seconds / seconds, 3),
        "heard": status.dream.target,
        "problem": status.problem,
    }
    if report is not None:
        with write_beside(report) as temporary:
            temporary.write_text(json.dumps(found, indent=2) + "\n")
    return found


def _processor(
    make: MakeSource, values: ParameterSet, alone: bool = False
) -> tuple[Processor, Callable[[Iterable[Float]], Iterable[Float]]]:
    """Return a processor, and what its blocks go through before.

    Dreams are computed ahead of it on another core, where there is one and nothing forbids it.

    Args:
        make: makes the source of its dreams.
        values: its parameters.
        alone: whether dreams are computed in the processor in any case.
    """
    if not alone and cores() > 1 and can_dream_ahead(values):
        ahead = DreamsAhead(make)
        return Processor(parameters=values, source=ahead.make), ahead.through
    return Processor(parameters=values, source=make), lambda blocks: blocks
