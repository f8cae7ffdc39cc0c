"""Plays a logged performance again: bit for bit as it was, or with other settings.

As it was, no network is needed: each frame gets the dream that had arrived when it was played.
With other settings the dreams are computed again, on schedule, as `render` does.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float
from ..dreaming.dream import DreamSource
from ..errors import ParameterError
from ..files import check_output, write_text
from ..io.audio_files import SoundWriter, check_sound_output
from ..packs.resolve import load
from ..parameter import Value
from ..parameter_values import Values
from ..parameters import find_parameter
from ..plugin.crossfader import Crossfader
from ..plugin.render import Progress
from ..targets.target_mix import uses_sound
from .machine import this_machine
from .reader import LoggedPart, LoggedProcessor, count_parts
from .replayed_processor import ReplayedProcessor
from .replayed_source import ReplayedSource


def replay(
    folder: Path,
    destination: Path,
    *,
    part: int = 1,
    settings: Mapping[str, Value] | None = None,
    device: str = "cpu",
    report: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Play a logged performance into a file.

    Args:
        folder: the log.
        destination: the file to write; .wav holds exactly what was heard, from the first sample
            on, latency included.
        part: of the log, from 1.
        settings: values by parameter id that hold whatever was set; then the dreams are computed
            again. None plays what was played.
        device: where networks compute, with settings; see `load`.
        report: a JSON file to write besides.
        progress: called with samples done and in all.

    Returns:
        The report: `samples`, `sample_rate`, `channels`, `part`, `parts`, `exact` (whether these
        are the very bits that were played, on the same machine), `same_machine`, `changes` of
        parameters, `swaps`, `dreams`, `settings`.

    Raises:
        InnerearError: whatever is wrong with the log, the settings or the files; then nothing is
            written.
    """
    check_sound_output(destination)
    if report is not None:
        check_output(report)
    checked = {id: find_parameter(id).check(value) for id, value in (settings or {}).items()}
    log = LoggedPart(folder, part)
    dreams = _play(log, destination, checked, device, progress)
    found: dict[str, Any] = {
        "samples": log.played.samples,
        "sample_rate": log.part.sample_rate,
        "channels": log.part.channels,
        "part": part,
        "parts": count_parts(folder),
        "exact": not checked,
        "same_machine": log.part.machine == this_machine(),
        "changes": log.changes,
        "swaps": len(log.swaps) - 1,
        "dreams": dreams,
        "settings": checked,
    }
    if report is not None:
        write_text(report, json.dumps(found, indent=2) + "\n")
    return found


def _play(
    log: LoggedPart,
    destination: Path,
    settings: Mapping[str, Value],
    device: str,
    progress: Progress | None,
) -> int:
    """Play all blocks; return how many dreams there were."""
    rate, channels = log.part.sample_rate, log.part.channels
    crossfader: Crossfader | None = None
    done = dreams = 0
    with log.input() as sound, SoundWriter(destination, rate, channels) as writer:
        read = _Pieces(sound.blocks(1 << 16), channels)
        for block, size in enumerate(log.sizes()):
            if block in log.swaps:
                processor = _prepare(log, log.swaps[block], settings, device)
                if crossfader is None:
                    crossfader = Crossfader(processor)
                else:
                    crossfader.swap(processor)
            assert crossfader is not None  # the log was checked: it begins with a processor
            writer.write(crossfader.process(read.next(size)))
            while crossfader.retired:
                retired = crossfader.retired.popleft()
                dreams += retired.dreams_count
                retired.close()
            done += size
            if progress is not None:
                progress(done, log.played.samples)
    if crossfader is not None:
        dreams += crossfader.processor.dreams_count
        crossfader.close()
    return dreams


def _prepare(
    log: LoggedPart, number: int, settings: Mapping[str, Value], device: str
) -> ReplayedProcessor:
    """Return a processor of the log, prepared and with all that it needs to process blocks."""
    logged, version = log.processors[number], log.part.version
    if settings:
        _check_target_sound(logged, settings)
        model = str(settings.get("model", logged.prepared["model"]))
        processor = ReplayedProcessor(logged, settings, version, pack=load(model, device=device))
    else:
        sources = iter(logged.sources)

        def make(values: Values, sample_rate: int, n_fft: int) -> DreamSource:
            return ReplayedSource(next(sources), n_fft // 2 + 1)

        processor = ReplayedProcessor(logged, settings, version, source=make)
    processor.begin(log.part.sample_rate, log.part.channels)
    return processor


def _check_target_sound(logged: LoggedProcessor, settings: Mapping[str, Value]) -> None:
    """Refuse to compute dreams of a sidechain: a log does not hold its sound.

    Raises:
        ParameterError: at some moment the target has the target sound in it, and it is no file.
    """
    values = dict(logged.prepared)
    for call in sorted({0, *logged.resets, *logged.blocks}):
        values |= {**logged.resets.get(call, {}), **logged.blocks.get(call, {}), **settings}
        if uses_sound(str(values.get("target"))) and not values.get("target_sound"):
            raise ParameterError(
                "The target was a sidechain, whose sound the log does not hold: replay without"
                " settings, or set target_sound to a file."
            )


class _Pieces:
    """Cuts a stream of sound into pieces of any length."""

    def __init__(self, blocks: Iterator[Float], channels: int) -> None:
        self._blocks, self._left = blocks, np.zeros((channels, 0), np.float32)

    def next(self, count: int) -> Float:
        """Return the next `count` samples, float32 (channels, count)."""
        while self._left.shape[1] < count:
            self._left = np.concatenate((self._left, next(self._blocks)), axis=1)
        piece, self._left = self._left[:, :count], self._left[:, count:]
        return piece
