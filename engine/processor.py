"""The plug-in: prepare, process blocks, reset. Sound in, dreamed sound out."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .analyser import Analyser
from .combine import combine
from .dream import Dream, DreamSource, MakeSource
from .dream_reader import DreamReader
from .dreamer import Dreamer, OnnxDreamer, Tracker
from .errors import ParameterError
from .feedback import LIMITER_CEILING, Limiter, LoopGovernor
from .history import History
from .manifest import TEMPLATES_FILE
from .modelpack import Pack, load
from .parameters import PARAMETERS, ParameterSet, Value
from .ramp import Ramp
from .stft import StreamingStft
from .target import Target

Float = NDArray[np.float32]

CEILING_FADE = 0.05
"""The mix at which the limiter's ceiling has come down from full scale to its own."""


@dataclass(frozen=True)
class Status:
    """How the stream is doing.

    Attributes:
        dream: the newest.
        dreams: how many there were.
        late: frames of the filter whose dream was late.
        age_ms_p50: median age of the newest dream, over the last frames.
        age_ms_p99: 99th percentile of the same.
        nan_resets: how often something that is no number had to be replaced by silence.
        limited: blocks in which the limiter worked.
        problem: what went wrong last, in words; empty when nothing did.
    """

    dream: Dream
    dreams: int
    late: int
    age_ms_p50: float
    age_ms_p99: float
    nan_resets: int
    limited: int
    problem: str

    @property
    def dreams_report(self) -> dict[str, Any]:
        """How many dreams there were, how many late, and how old: as reports give it."""
        age_ms = {"p50": round(self.age_ms_p50, 3), "p99": round(self.age_ms_p99, 3)}
        return {"count": self.dreams, "late": self.late, "age_ms": age_ms}


class Processor:
    """Streams sound through a dream, block by block, with exact latency.

    What a combination changes in the sound runs through a short-time Fourier filter; the sound
    itself is only delayed. So at `mix` or `step` 0 the output is the input, bit for bit.
    """

    def __init__(
        self,
        pack: Pack | str | None = None,
        parameters: ParameterSet | None = None,
        *,
        dreamer: Dreamer | None = None,
        source: MakeSource | None = None,
        **values: Value,
    ) -> None:
        """Set up a network and its parameters.

        Args:
            pack: a model pack or its name; by default the one that `model` names.
            parameters: shared with whoever turns the knobs; by default a new set.
            dreamer: where gradients come from; by default the pack's own graph.
            source: where finished dreams come from, for playing live (`remote_source.py`); then
                no pack is loaded here. By default `process` computes them itself, on schedule:
                the same input gives the same bytes.
            **values: parameters by id, set on top of `parameters`.

        Raises:
            InnerearError: an unknown model, parameter, value, layer or target.
        """
        self.parameters = parameters if parameters is not None else ParameterSet()
        for id, value in values.items():
            self.parameters.set(id, value)
        self._make_source = source or self._inline_source(pack, dreamer)
        self._prepared = False
        self.latency_samples = 0

    def prepare(self, sample_rate: int, block_size: int, channels: int = 1) -> None:
        """Allocate everything for a stream; afterwards `latency_samples` is exact.

        Args:
            sample_rate: in hertz, 8,000 to 192,000.
            block_size: samples that each call of `process` will bring.
            channels: how many.

        Raises:
            ParameterError: a number that is out of range.
        """
        if not 8_000 <= sample_rate <= 192_000:
            raise ParameterError(f"sample_rate cannot be {sample_rate}: 8,000 to 192,000 Hz.")
        if block_size < 1 or channels < 1:
            raise ParameterError("block_size and channels must be at least 1.")
        self.close()
        self.sample_rate, self.block_size, self.channels = sample_rate, block_size, channels
        n_fft = int(self.parameters["n_fft"])
        self._stft = StreamingStft(channels, n_fft)
        self._hop = self._stft.hop
        self._source: DreamSource = self._make_source(self.parameters, sample_rate, n_fft)
        alignment = self.parameters.text("alignment")
        live, echo = alignment == "live", alignment == "echo"
        self._wait = 0 if live else self._source.tape_lag + self._source.allowance
        # Blocks and hops drift against each other by at most what their common divisor leaves. An
        # echo can afford the most, so that it comes at the same time whatever the block size.
        self._slack = self._hop - (0 if echo else math.gcd(block_size, self._hop))
        filter_latency = self._wait + n_fft - self._hop + self._slack
        self.latency_samples = 0 if echo else filter_latency
        # Behind the sound that goes into the loop, without what re-blocking adds.
        self._loop_lag = 0 if echo else self._wait + n_fft - self._hop
        self._reader = DreamReader(
            self._source, self.parameters, sample_rate, self._stft, self._wait
        )
        self._allocate(filter_latency)
        self._prepared = True
        self.reset()

    def process(self, block: Float) -> Float:
        """Process one block.

        Args:
            block: float32 (channels, block_size), full scale at 1. What is no number counts as
                silence.

        Returns:
            A new float32 array of the same shape, at most full scale, delayed by
            `latency_samples`.

        Raises:
            ValueError: not prepared, or a block of another shape: a mistake of the caller's code.
        """
        if not self._prepared or block.shape != (self.channels, self.block_size):
            expected = (self.channels, self.block_size) if self._prepared else "prepare() first"
            raise ValueError(f"process() got a block of shape {block.shape}, expected {expected}")
        sound = self._finite(np.asarray(block, np.float32))
        out = np.empty_like(sound)
        at = 0
        while at < self.block_size:
            count = min(self.block_size - at, self._hop - self._fill)
            self._segment(sound[:, at : at + count], out[:, at : at + count])
            at += count
        return out

    def reset(self) -> None:
        """Silence everything that still sounds; the parameters stay."""
        for state in (self._dry, self._wet, self._change, self._loop):
            state.reset()
        for part in (self._stft, self._governor, self._limiter, self._source, self._reader):
            part.reset()
        for id, ramp in self._ramps.items():
            ramp.jump(self._goal(id))
        self._fill = 0
        self._delay = self._old_delay = self._loop_delay()
        self.nan_resets = self.limited = 0

    def close(self) -> None:
        """Give up the source of dreams; `prepare` makes a new one."""
        if self._prepared:
            self._source.close()
            self._prepared = False

    def forget_ages(self) -> None:
        """Begin anew to count how old dreams are and how many are late."""
        self._reader.forget_ages()

    @property
    def status(self) -> Status:
        """How the stream is doing, for displays and reports."""
        ages = self._reader.ages_ms()
        p50, p99 = np.percentile(ages, (50, 99)) if len(ages) else (0.0, 0.0)
        return Status(
            self._source.newest,
            self._source.count,
            self._reader.late,
            float(p50),
            float(p99),
            self.nan_resets,
            self.limited,
            self._source.problem,
        )

    def _allocate(self, filter_latency: int) -> None:
        n_fft, hop, rate = self._stft.n_fft, self._hop, self.sample_rate
        longest_delay = math.ceil(PARAMETERS["delay_ms"].maximum / 1000.0 * rate)
        past = filter_latency + n_fft + 2 * hop
        self._dry = History(self.channels, past)
        self._wet = History(self.channels, past)
        self._change = History(self.channels, 4 * hop)
        self._loop = History(self.channels, longest_delay + 2 * hop)
        self._governor = LoopGovernor((self._wait + 3 * n_fft) // hop)
        self._limiter = Limiter(rate, hop)
        moving = ("mix", "feedback", "input_db", "output_db")
        self._ramps = {id: Ramp(self._goal(id), rate, hop) for id in moving}
        self._fade_out = np.linspace(1.0, 0.0, hop, dtype=np.float32)

    def _segment(self, sound: Float, out: Float) -> None:
        """Process what lies between two hops' ends, or less."""
        start, count = self._fill, sound.shape[1]
        stop = start + count
        gain = self._ramps["input_db"].values(start, stop)
        dry = sound if np.all(gain == 1.0) else sound * gain
        self._dry.write(dry)
        self._wet.write(dry + self._fed_back(start, stop))
        self._fill = stop
        if stop == self._hop:
            self._frame()
            self._fill = 0
        self._mix_down(out, start, stop)
        if stop == self._hop:
            self._turn_knobs()

    def _fed_back(self, start: int, stop: int) -> Float | np.float32:
        feedback = self._ramps["feedback"].values(start, stop)
        if not np.any(feedback):
            return np.float32(0.0)
        position = self._loop.end + start
        returned = self._loop.read_at(position - self._delay, stop - start)
        if self._delay != self._old_delay:
            before = self._loop.read_at(position - self._old_delay, stop - start)
            returned = returned + (before - returned) * self._fade_out[start:stop]
        return returned * feedback

    def _frame(self) -> None:
        """One hop is complete: let the network have it, filter one frame, close the loop."""
        heard = self._wet.read(self._hop)
        self._source.feed(heard.mean(axis=0, keepdims=True))
        spectrum = self._stft.analyse(self._wet.read(self._stft.n_fft, self._wait))
        dream = self._reader.read(spectrum, self._wet.end)
        step = self.parameters.number("step")
        change = combine(
            self.parameters.text("combine"),
            spectrum,
            dream,
            step,
            self.parameters.number("threshold_db"),
        )
        finished = self._stft.synthesise(change)
        if not np.isfinite(finished).all():
            self._stft.reset()
            self._reader.reset()
            finished = np.zeros_like(finished)
            self.nan_resets += 1
        self._change.write(finished)
        produced = self._wet.read(self._hop, self._loop_lag) + finished
        produced *= np.float32(self._governor.gain(heard, produced))
        np.clip(produced, -1.0, 1.0, out=produced)
        self._loop.write(produced)

    def _mix_down(self, out: Float, start: int, stop: int) -> None:
        count = stop - start
        since_frame = 0 if self._fill == 0 else stop
        dry = self._dry.read(count, self.latency_samples)
        mix = self._ramps["mix"].values(start, stop)
        out[...] = dry
        if np.any(mix):
            out += mix * (self._wet.read(count, self.latency_samples) - dry)
            out += mix * self._change.read(count, self._slack - since_frame)
        gain = self._ramps["output_db"].values(start, stop)
        if not np.all(gain == 1.0):
            out *= gain
        most = float(np.max(mix))
        ceiling = 1.0 - (1.0 - LIMITER_CEILING) * min(1.0, most / CEILING_FADE)
        if self._limiter.process(out, ceiling):
            self.limited += 1

    def _turn_knobs(self) -> None:
        for id, ramp in self._ramps.items():
            ramp.advance(self._goal(id))
        self._old_delay, self._delay = self._delay, self._loop_delay()

    def _goal(self, id: str) -> float:
        value = self.parameters.number(id)
        if id.endswith("_db"):
            return float(10.0 ** (value / 20.0))
        if id == "mix" and self.parameters.switch("bypass"):
            return 0.0
        return value

    def _loop_delay(self) -> int:
        """Return the delay that makes the loop's period what the knob says, or the shortest."""
        period = round(self.parameters.number("delay_ms") / 1000.0 * self.sample_rate)
        return max(period - self._loop_lag, self._hop)

    def _finite(self, sound: Float) -> Float:
        if np.isfinite(sound).all():
            return sound
        self.nan_resets += 1
        return np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0)

    def _inline_source(self, pack: Pack | str | None, dreamer: Dreamer | None) -> MakeSource:
        """Load a network into this process, and say at once what the parameters ask in vain."""
        chosen = self.parameters.text("model") if pack is None else pack
        loaded = load(chosen) if isinstance(chosen, str) else chosen
        words = self.parameters.text("layer"), self.parameters.text("target")
        Target(loaded.layers, loaded.classes, *words)
        has_templates = TEMPLATES_FILE in loaded.manifest.files
        if self.parameters.text("drive") == "track" and not has_templates:
            raise ParameterError(f"drive cannot be 'track': {loaded.name} has no templates.")
        network: Dreamer = dreamer or OnnxDreamer(loaded)
        tracker = Tracker(loaded) if has_templates else None

        def make(parameters: ParameterSet, sample_rate: int, n_fft: int) -> DreamSource:
            return Analyser(network, tracker, parameters, sample_rate, n_fft, inline=True)

        return make
