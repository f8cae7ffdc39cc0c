"""The processor: prepare, process blocks of sound, reset."""

import math
from collections.abc import Mapping

import numpy as np

from ..alignment import ALIGNMENTS
from ..arrays import Float
from ..dreaming.dream import MakeSource
from ..dsp.beat_counter import BeatCounter
from ..dsp.feedback_loop import FeedbackLoop
from ..dsp.ring_buffer import RingBuffer
from ..dsp.smoothing import Fade, Smoother
from ..dsp.stft import FRAMES_PER_WINDOW
from ..errors import ParameterError
from ..kernel.binding import bind
from ..kernel.ring import take_in
from ..packs.network import GradientSource
from ..packs.resolve import PackOrName
from ..parameter import NOTE_BEATS, Value
from ..parameter_values import ParameterSet, PinnedValues, Snapshot, Values
from ..parameters import PARAMETERS
from .dream_bank import DreamBank, finite
from .filter_protocol import SoundFilter
from .minimum_phase_filter import MinimumPhaseFilter
from .output_stage import OutputStage
from .processor_observer import ProcessorObserver
from .sources import check_one_network, check_source_alone, inline_source
from .spectral_filter import SpectralFilter
from .status import DreamAge, DreamStatus, ProcessorStatus

CLEAR_SECONDS = 0.01
"""The fade of everything except the dry sound, before it is cleared."""


class Processor:
    """Adds dreams to a stream of sound, block by block, with exact latency.

    A filter computes the change that a combination makes; the sound itself is only delayed. So at
    `mix` or `step` 0 the output is the input, bit for bit.

    Examples:
        >>> import innerear
        >>> import numpy as np
        >>> processor = innerear.Processor("samplecnn-instruments", target="Brass", feedback=0.3)
        >>> processor.prepare(sample_rate=48_000, block_size=128, channels=2)
        >>> out = processor.process(np.zeros((2, 128), np.float32))
        >>> out.shape, processor.latency_samples
        ((2, 128), 896)
        >>> processor.parameters.set("step", 0.6)
    """

    _make_loop = FeedbackLoop

    def __init__(
        self,
        pack: PackOrName | None = None,
        parameters: ParameterSet | None = None,
        *,
        dreamer: GradientSource | None = None,
        source: MakeSource | None = None,
        realtime: bool = False,
        seed: int = 0,
        pinned: Mapping[str, Value] | None = None,
        **values: Value,
    ) -> None:
        """Set up a network and its parameters.

        Args:
            pack: a model pack, its name or its folder; by default the one that the parameter
                `model` names. Where `model` names another, it is set to what plays: the pack's
                name, or its folder where it is not installed under its name.
            parameters: shared with those who set them while it plays; by default a new set.
            dreamer: where gradients come from; by default the pack's own graph. It must be of the
                pack's network.
            source: where finished dreams come from, for playing live (`remote_source.py`); then
                no network is loaded here, so `pack`, `dreamer`, `realtime` and `seed` cannot be
                given. By default `process` computes the dreams itself, on schedule: the same
                input gives the same bytes.
            realtime: compute them in a thread for each source, so that `process` never waits.
            seed: of the random draws of the drive `grains`.
            pinned: values by id that hold whatever `parameters` say: those that live play prepared
                this processor for.
            **values: parameters by id, set on top of `parameters`; not `model` beside `pack`.

        Raises:
            ParameterError: arguments that contradict each other.
            InnerearError: an unknown model, parameter, value, layer or target.
        """
        if source is not None:
            check_source_alone(pack=pack, dreamer=dreamer, realtime=realtime, seed=seed)
        check_one_network(pack, values)
        self.parameters = parameters if parameters is not None else ParameterSet()
        for id, value in values.items():
            self.parameters.set(id, value)
        self._current: Values = PinnedValues(self.parameters, pinned) if pinned else self.parameters
        self._values = Snapshot(self._current)
        self.observer: ProcessorObserver | None = None
        self._make_source = source or inline_source(pack, self.parameters, dreamer, seed, realtime)
        self._prepared = self._to_clear = False
        self.latency_samples = 0

    def prepare(self, sample_rate: int, block_size: int | None, channels: int = 1) -> None:
        """Allocate memory for a stream; `latency_samples` is exact afterwards.

        Args:
            sample_rate: in hertz, 8,000 to 192,000.
            block_size: samples in each call of `process`; None where they vary.
            channels: of the sound.

        Raises:
            ParameterError: a number that is out of range.
        """
        if not 8_000 <= sample_rate <= 192_000:
            raise ParameterError(f"sample_rate cannot be {sample_rate}: 8,000 to 192,000 Hz.")
        if (block_size is not None and block_size < 1) or channels < 1:
            raise ParameterError("block_size and channels must be at least 1.")
        self.close()
        self._values.take(self._current)
        if self.observer is not None:
            self.observer.prepared(self._values, block_size)
        self.sample_rate, self.block_size, self.channels = sample_rate, block_size, channels
        n_fft = int(self._values["n_fft"])
        self._hop = n_fft // FRAMES_PER_WINDOW
        each = self._values.text("channel_mode") == "each"
        sources = [
            self._make_source(self._values, sample_rate, n_fft)
            for _ in range(channels if each else 1)
        ]
        self._dreams = DreamBank(sources, self._values, sample_rate, n_fft)
        self._filter = self._make_filter(n_fft)
        self._block_divisor = 1 if block_size is None else math.gcd(block_size, self._hop)
        self._filter.set_block_divisor(self._block_divisor)
        self.latency_samples = self._filter.latency_samples
        self._allocate(n_fft)
        self._prepared = True
        self.reset()

    def process(self, block: Float, sidechain: Float | None = None) -> Float:
        """Process one block, with the parameters as they are at its beginning.

        Args:
            block: float32 (channels, block_size), full scale at 1. NaN and infinity
                count as silence. A block of another size than `prepare` was given is processed
                too; where its size needs more latency, `latency_samples` is raised.
            sidechain: float32 (any number of channels, block_size): what the target `sound` is,
                where the parameter `target_sound` names no file. Only the network hears it. None
                is silence, or no sidechain where there was none yet.

        Returns:
            A new float32 array of the same shape, at most full scale, delayed by
            `latency_samples`.

        Raises:
            ValueError: `prepare` was not called, the block has other channels, or the sidechain
                another length.
        """
        if not self._prepared or block.ndim != 2 or len(block) != self.channels:
            expected = f"({self.channels}, samples)" if self._prepared else "prepare() first"
            raise ValueError(f"process() got a block of shape {block.shape}, expected {expected}")
        self._values.take(self._current)
        if self.observer is not None:
            self.observer.block(self._values)
        if self._to_clear:
            self._to_clear, self._clear_fade.falling = False, True
        sound = self._finite(np.asarray(block, np.float32))
        beside = self._mixed(sidechain, sound.shape[1])
        out, added = np.empty_like(sound), np.empty_like(sound)
        samples, at = sound.shape[1], 0
        if samples % self._block_divisor:
            self._block_divisor = 1
            self._filter.set_block_divisor(1)
            self.latency_samples = self._filter.latency_samples
        while at < samples:
            count = min(samples - at, self._hop - self._fill)
            span = slice(at, at + count)
            if beside is not None:
                self._beside[:, self._fill : self._fill + count] = beside[:, span]
            self._segment(sound[:, span], out[:, span], added[:, span])
            at += count
        self.added = added
        """What dream and feedback added to the sound in the last block, before the limiter."""
        return out

    def clear(self) -> None:
        """Fade out dream and feedback within some 20 ms, and clear them; the dry sound goes on.

        May be called from any thread; takes effect at the next block. The switch `silenced` ends
        the dry sound too.
        """
        self._to_clear = True

    def align_beat(self, beats: float) -> None:
        """Set the present position in the music to `beats`, in quarter notes.

        May be called from any thread. Between two calls, beats are counted at `tempo_bpm`. See the
        parameter `beat`.
        """
        self._beat.align(beats)

    def adopt(self, other: "Processor") -> None:
        """Take over the content of the delays and the loop of the processor that is replaced.

        Does nothing where rate or channels differ.
        """
        if (other.sample_rate, other.channels) != (self.sample_rate, self.channels):
            return
        for mine, others in zip(self._rings, other._rings, strict=True):
            mine.write(others.read(min(mine.capacity, others.capacity)))
        self._loop.adopt(other._loop, other._wet, other._fill)
        self._beat.beats = other._beat.beats

    def reset(self) -> None:
        """Clear all sound and dreams; the parameters stay."""
        self._values.take(self._current)
        if self.observer is not None:
            self.observer.reset(self._values)
        for ring in self._rings:
            ring.reset()
        for part in (self._filter, self._loop, self._output, self._dreams):
            part.reset()
        for id, smoother in self._smoothers.items():
            smoother.jump(self._target_of(id))
        self._loop.jump(self._period())
        self._beat.reset()
        self._clear_fade.restore()
        self._fill = 0
        self._beside.fill(0.0)
        self._last_latency = self.latency_samples
        self._bad_blocks = 0

    def close(self) -> None:
        """Close the sources of dreams; `prepare` makes new ones."""
        if self._prepared:
            self._dreams.close()
            self._prepared = False

    def reset_age_counts(self) -> None:
        """Reset the counts of dream ages and of late dreams."""
        self._dreams.reset_age_counts()

    @property
    def nan_resets(self) -> int:
        """How often NaN or infinity was replaced by silence."""
        return self._bad_blocks + self._filter.nan_resets

    @property
    def limited(self) -> int:
        """Pieces of blocks in which the limiter worked."""
        return self._output.limited

    @property
    def dreams_count(self) -> int:
        """Dreams since the start."""
        return self._dreams.count

    @property
    def settling_samples(self) -> int:
        """Samples after which the output depends only on blocks that were processed."""
        return self.latency_samples + FRAMES_PER_WINDOW * self._hop

    @property
    def status(self) -> ProcessorStatus:
        """The state of the stream, for displays and reports."""
        ages = self._dreams.ages_ms()
        p50, p99 = np.percentile(ages, (50, 99)) if len(ages) else (0.0, 0.0)
        age_ms = DreamAge(round(float(p50), 3), round(float(p99), 3))
        return ProcessorStatus(
            self._dreams.newest,
            DreamStatus(self.dreams_count, self._dreams.late, age_ms),
            self.nan_resets,
            self.limited,
            self._dreams.problem,
        )

    def _make_filter(self, n_fft: int) -> SoundFilter:
        alignment = ALIGNMENTS[self._values.text("alignment")]
        if alignment.minimum_phase:
            return MinimumPhaseFilter(
                self.channels, n_fft, self.sample_rate, self._dreams, self._values
            )
        delay = self._dreams.waveform_delay if alignment.reads_waveform else 0
        return SpectralFilter(
            self.channels,
            n_fft,
            self.sample_rate,
            self._dreams,
            self._values,
            delay=delay,
            immediate=not alignment.delays_sound,
        )

    def _allocate(self, n_fft: int) -> None:
        hop, rate = self._hop, self.sample_rate
        past = max(0, self._dreams.waveform_delay) + 2 * n_fft + 2 * hop
        self._rings = tuple(RingBuffer(self.channels, past) for _ in range(3))
        self._input, self._dry, self._wet = self._rings
        longest_period = PARAMETERS["delay_ms"].maximum / 1000.0
        lag = self._filter.loop_lag
        self._loop = self._make_loop(self.channels, rate, hop, lag, longest_period)
        self._output = OutputStage(self._values, rate, hop, self._rings)
        self._take_in = bind(take_in, *(array for ring in self._rings for array in ring.arrays))
        moving = ("mix", "feedback", "input_db")
        self._smoothers = {id: Smoother(self._target_of(id), rate, hop) for id in moving}
        self._known_values: Mapping[str, Value] = {}
        self._clear_fade = Fade(math.ceil(CLEAR_SECONDS * rate))
        self._beat = BeatCounter(rate)
        self._beside = np.zeros((1, hop), np.float32)
        self._has_sidechain = False

    def _segment(self, sound: Float, out: Float, added: Float) -> None:
        """Process a piece that lies within one hop."""
        start, count = self._fill, sound.shape[1]
        stop = start + count
        gain, feedback = self._smoothers["input_db"], self._smoothers["feedback"]
        is_open = feedback.before == feedback.after == 0.0
        self._take_in(
            *(sound, sound if is_open else self._loop.read(start, stop)),
            *(gain.before, gain.after, feedback.before, feedback.after, start, self._hop),
        )
        self._filter.advance(self._wet, start, stop)
        self._fill = stop % self._hop
        if self._fill == 0:
            self._frame()
        delays = self._last_latency, self.latency_samples
        self._last_latency = self.latency_samples
        change = self._filter.change(count, self._fill)
        fades = self._smoothers["mix"], self._clear_fade
        is_closed = self._output.process(change, out, added, start, delays, *fades)
        if is_closed or self._clear_fade.gain == 0.0:
            self._silence()
        if self._fill == 0:
            self._advance_parameters()

    def _frame(self) -> None:
        """End a hop: feed it to the network, filter one frame, write the loop."""
        hop = self._hop
        heard = self._wet.read(hop)
        self._dreams.feed(heard, self._beside if self._has_sidechain else None)
        if self._has_sidechain:
            self._beside.fill(0.0)
        beat = self._values.text("beat")
        unit = NOTE_BEATS.get(beat, 1.0)
        on_beat = self._beat.advance(hop, self._values.number("tempo_bpm"), unit)
        change = self._filter.frame(self._wet, on_beat or beat == "off")
        self._loop.write(heard, self._wet.read(hop, self._filter.loop_lag), change)

    def _silence(self) -> None:
        """Clear everything except the dry sound, once it is not heard."""
        self._wet.copy_from(self._dry)
        self._bad_blocks += self._filter.nan_resets
        self._filter.reset()
        self._loop.reset()
        self._dreams.restart()
        self._clear_fade.restore()

    def _advance_parameters(self) -> None:
        values = self._values.as_they_are()
        if values is not self._known_values:  # the same object: none has changed
            self._known_values = values
            self._targets = [self._target_of(id) for id in self._smoothers]
            self._loop_period = self._period()
            self._output.follow()
        for smoother, target in zip(self._smoothers.values(), self._targets, strict=True):
            smoother.advance(target)
        self._output.advance()
        self._loop.advance(self._loop_period)

    def _target_of(self, id: str) -> float:
        value = self._values.number(id)
        if id.endswith("_db"):
            return float(10.0 ** (value / 20.0))
        if id == "mix" and self._values.switch("bypass"):
            return 0.0
        return value

    def _period(self) -> int:
        """Return the period of the loop in samples, as the parameter `delay_ms` has it."""
        return round(self._values.number("delay_ms") / 1000.0 * self.sample_rate)

    def _mixed(self, sidechain: Float | None, samples: int) -> Float | None:
        """Return the sidechain as one channel, (1, samples); None where there is none."""
        if sidechain is None:
            return None
        if sidechain.ndim != 2 or sidechain.shape[1] != samples:
            raise ValueError(f"the sidechain has the shape {sidechain.shape}, not (..., {samples})")
        self._has_sidechain = True
        sound = self._finite(np.asarray(sidechain, np.float32))
        return np.asarray(sound.mean(axis=0, keepdims=True))

    def _finite(self, sound: Float) -> Float:
        found = finite(sound)
        self._bad_blocks += found is not sound
        return found
