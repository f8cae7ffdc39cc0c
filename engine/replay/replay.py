"""Plays a logged performance again: bit for bit as it was, or with other settings.

As it was, no network is needed: each frame is given the very dream that had arrived when it was
played. With other settings the dreams are computed anew, on schedule, as `render` does.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Float
from ..dreaming.dream import Dream, DreamSource
from ..files import check_output, write_text
from ..io.audio_files import SoundWriter, check_sound_output
from ..packs.pack import load
from ..parameter import Value
from ..parameter_values import ParameterSet
from ..parameters import find_parameter
from ..plugin.crossfader import Crossfader
from ..plugin.processor import Processor
from ..plugin.render import Progress
from .events import Look
from .reader import LoggedPart, LoggedProcessor, LoggedSource, count_parts
from .writer import this_machine


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
        settings: parameters by id that stay at these values whatever was turned; then the dreams
            are computed anew. None plays what was played.
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
        "samples": log.until.samples,
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
                progress(done, log.until.samples)
    if crossfader is not None:
        dreams += crossfader.processor.dreams_count
        crossfader.close()
    return dreams


def _prepare(log: LoggedPart, number: int, settings: Mapping[str, Value], device: str) -> Processor:
    logged = log.processors[number]
    parameters = _Values(logged, settings)
    if settings:
        pack = load(parameters.text("model"), device=device)
        processor: Processor = _Cued(logged, pack=pack, parameters=parameters)
    else:
        sources = iter(logged.sources)

        def make(parameters: ParameterSet, sample_rate: int, n_fft: int) -> DreamSource:
            return _Source(next(sources), n_fft // 2 + 1)

        processor = _Cued(logged, parameters=parameters, source=make)
    processor.prepare(log.part.sample_rate, logged.about.block_size, log.part.channels)
    return processor


class _Values(ParameterSet):
    """Values as a processor took them, but for some that stay."""

    def __init__(self, logged: LoggedProcessor, settings: Mapping[str, Value]) -> None:
        self._logged, self._settings = logged.values, dict(settings)
        self._takes = count()
        super().__init__(**{**logged.values[0], **settings})

    def as_dict(self) -> dict[str, Value]:
        """Return the values at the next take."""
        self._values |= self._logged.get(next(self._takes), {})
        self._values |= self._settings
        return dict(self._values)


class _Cued(Processor):
    """A processor that hears of panics and beats when it was told of them."""

    def __init__(self, logged: LoggedProcessor, **settings: Any) -> None:
        self._cues, self._calls = logged.cues, count()
        super().__init__(**settings)

    def process(self, block: Float) -> Float:
        """Process one block; see `Processor.process`."""
        for beats in self._cues.get(next(self._calls), ()):
            if beats is None:
                self.panic()
            else:
                self.align_beat(beats)
        return super().process(block)


class _Source:
    """A `DreamSource` whose dreams arrive when they had arrived."""

    problem = ""

    def __init__(self, logged: LoggedSource, bins: int) -> None:
        self._logged, self._silent = logged, Dream(np.zeros(bins, np.float32))
        self._feeds = count()
        about = logged.about
        self.model_rate, self.tape_lag = about.model_rate, about.tape_lag
        self.update_deadline = about.allowance
        self.newest = self._silent
        self.count = 0
        self.tape = _LoggedTape(np.zeros(0, np.float32), about.tape_capacity, 0, 0)

    def feed(self, sound: Float) -> None:
        """Look what was there at this frame."""
        look = self._logged.looks.get(next(self._feeds))
        if look is not None:
            self._show(look)

    def reset(self) -> None:
        """Forget the dream; the next look says what there was after it."""
        self.newest, self.count = self._silent, 0

    def close(self) -> None:
        """Nothing to give up."""

    def _show(self, look: Look) -> None:
        logged = self._logged
        found = logged.dreams[look.dream]
        self.newest = Dream(
            np.asarray(logged.magnitudes[look.dream]),
            found.heard_until,
            found.target,
            found.objective,
        )
        self.count = look.count
        self.tape = _LoggedTape(
            logged.tapes[look.link], logged.about.tape_capacity, look.end, look.origin
        )


class _LoggedTape:
    """A tape as far as it was there, in the stream's own sample numbers."""

    def __init__(self, sound: Float, capacity: int, end: int, origin: int) -> None:
        self._sound, self._origin = sound, origin
        self.capacity, self.end = capacity, end + origin

    def read_at(self, start: int, count: int) -> Float:
        """Return (1, count) samples; silence before the stream and before the tape."""
        silent = min(count, max(0, -start, self._origin - start))
        found = np.zeros((1, count), np.float32)
        first = start + silent - self._origin
        found[0, silent:] = self._sound[first : first + count - silent]
        return found


class _Pieces:
    """Sound in pieces of the lengths that are asked for."""

    def __init__(self, blocks: Iterator[Float], channels: int) -> None:
        self._blocks, self._left = blocks, np.zeros((channels, 0), np.float32)

    def next(self, count: int) -> Float:
        while self._left.shape[1] < count:
            self._left = np.concatenate((self._left, next(self._blocks)), axis=1)
        piece, self._left = self._left[:, :count], self._left[:, count:]
        return piece
