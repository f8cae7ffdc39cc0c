"""The streaming dream: gradients of the newest sound, added up to a dream waveform and magnitudes.

`run_due` does all computing. In live play another process calls it (`inference_worker.py`); with
`inline`, `feed` calls it on schedule.
"""

import math

import numpy as np

from ..alignment import ALIGNMENTS
from ..arrays import Float
from ..combinations import COMBINATIONS, filter_problem
from ..drives import DRIVES, Drive, Rule
from ..dsp.gradient_shaping import LEVEL_SECONDS, local_level
from ..dsp.granular import Grains
from ..dsp.resample import Resampler
from ..dsp.ring_buffer import Buffer, RingBuffer
from ..errors import InnerearError
from ..packs.network import Activations, GradientSource
from ..packs.tracker import Tracker
from ..parameter_values import Snapshot, Values
from ..parameterisations import DREAM_PARAMETERISATIONS, Form
from ..targets.target import Target
from .ascent import AscentShape
from .ascents import make_ascent
from .dream import Dream
from .gradient_balance import GradientBalance
from .target_sound import MISSING, TargetSound

UPDATE_SECONDS = 0.025
FEED_SECONDS = 2.0
TAPE_SECONDS = 4.0


def update_hop(sample_rate: int) -> int:
    """Return the samples between two updates, at the model's rate."""
    return round(UPDATE_SECONDS * sample_rate)


def update_count(lookahead_ms: float, sample_rate: int, window: int) -> int:
    """Return how many updates a sample collects before it leaves: at least one.

    Args:
        lookahead_ms: how long it may stay.
        sample_rate: the model's, in hertz.
        window: of the model, in samples.
    """
    hop = update_hop(sample_rate)
    wanted = round(lookahead_ms / 1000.0 * sample_rate / hop)
    return max(1, min(wanted, window // hop))


def feed_samples(sample_rate: int) -> int:
    """Return how much sound may wait for the network, in samples."""
    return math.ceil(FEED_SECONDS * sample_rate)


def tape_samples(sample_rate: int) -> int:
    """Return how much of the finished dreams' waveform is kept, in samples."""
    return math.ceil(TAPE_SECONDS * sample_rate)


def feed_buffer(sample_rate: int, buffer: Buffer | None = None) -> RingBuffer:
    """Return the memory for the sound on its way to the network; see `RingBuffer`."""
    return RingBuffer(1, feed_samples(sample_rate), buffer)


def tape_buffer(sample_rate: int, buffer: Buffer | None = None) -> RingBuffer:
    """Return the memory for the finished dreams' waveform; see `RingBuffer`."""
    return RingBuffer(1, tape_samples(sample_rate), buffer)


class StreamingDream:
    """The dream of one network on one stream."""

    def __init__(
        self,
        dreamer: GradientSource,
        tracker: Tracker | None,
        parameters: Values,
        sample_rate: int,
        n_fft: int,
        *,
        inline: bool = False,
        seed: int = 0,
        feed: RingBuffer | None = None,
        tape: RingBuffer | None = None,
        sidechain: RingBuffer | None = None,
    ) -> None:
        """Allocate everything for a stream.

        Args:
            dreamer: gives gradients.
            tracker: hears for `track` and `grains`; None where the model has no templates.
            parameters: taken at the beginning of each update.
            sample_rate: of the stream, in hertz.
            n_fft: of the filter that will use the dreams.
            inline: whether `feed` itself computes what is due, so that all is on schedule.
            seed: of the drive `grains`.
            feed, tape, sidechain: `feed_buffer`, `tape_buffer`, and a `feed_buffer` for the sound
                of the sidechain, in memory shared with another process.

        Raises:
            InnerearError: the parameters name a layer or target that the model does not have.
        """
        self._dreamer, self._tracker = dreamer, tracker
        self._parameters, self._values = parameters, Snapshot(parameters)
        rate = dreamer.sample_rate
        self._hop = update_hop(rate)
        updates = update_count(parameters.number("lookahead_ms"), rate, dreamer.window)
        alignment = ALIGNMENTS[parameters.text("alignment")]
        self._shapes_present = not alignment.reads_waveform
        self._down = Resampler(sample_rate, rate)
        self._up = Resampler(rate, sample_rate)
        self._ratio = sample_rate / rate
        shape = AscentShape(
            dreamer.window,
            self._hop,
            updates,
            rate,
            sample_rate,
            n_fft,
            self._shapes_present,
            self._samples_ahead(alignment.samples_ahead(n_fft)),
        )
        parameterisation = DREAM_PARAMETERISATIONS[parameters.text("parameterisation")]
        self._form = parameterisation.form
        self._ascent = make_ascent(parameterisation, shape)
        self._balance = GradientBalance(dreamer)
        self._grains = Grains(tracker.grains, rate, self._hop, seed) if tracker else None
        self._pending = np.zeros(0, np.float32)
        self._inline = inline
        self._feed = feed or feed_buffer(sample_rate)
        self._taken = 0
        self._pushed = 0
        self._frequency = shape.frequency
        self._silence = shape.silence
        self._activations: Activations | None = None
        self._sidechain = sidechain or feed_buffer(sample_rate)
        self._target_sound = TargetSound(
            self._hear_window,
            rate,
            dreamer.window,
            self._hop,
            sample_rate,
            self._sidechain,
        )
        self._words = ("", "", "")
        self._mismatch = ""
        self._target = self._resolve()
        self.tape = tape or tape_buffer(sample_rate)
        self.newest = Dream(self._silence)
        self.count = 0
        """Dreams since the start."""

    @property
    def model_rate(self) -> int:
        """The network's sample rate."""
        return self._dreamer.sample_rate

    @property
    def tape_lag(self) -> int:
        """Stream samples by which the tape may be behind what was fed, if no dream is late."""
        model_lag = self._ascent.active + self._up.lag + 1
        return self._down.lag + 1 + math.ceil(model_lag * self._ratio)

    @property
    def update_deadline(self) -> int:
        """Stream samples that a thread may take for one update before it is late."""
        return math.ceil(self._hop * self._ratio)

    @property
    def problem(self) -> str:
        """Why the newest parameters cannot be used, in one line; empty when they can."""
        is_missing = self._target.sound_layers and not self._target_sound.is_there
        return self._problem or (MISSING if is_missing else "") or self._mismatch

    def feed(self, sound: Float, sidechain: Float | None = None) -> None:
        """Pass new sound, (1, samples); with `inline`, run the updates that are due."""
        if sidechain is not None:
            self._sidechain.write(sidechain)
        self._feed.write(sound)
        if self._inline:
            self.run_due()

    def run_due(self, skip_late: bool = False) -> None:
        """Run every update that is due for the sound fed so far.

        Args:
            skip_late: when several are due, compute only the last one's gradient, to catch up.
        """
        self._pending = np.concatenate((self._pending, *self._take()))
        while len(self._pending) >= self._hop:
            self._ascent.push(self._pending[: self._hop])
            self._pending = self._pending[self._hop :]
            self._pushed += self._hop
            try:
                if not (skip_late and len(self._pending) >= self._hop):
                    self._update()
            finally:  # the tape keeps time, whatever a network does
                self._lay_out()

    def clear(self) -> None:
        """Clear the sound and the dream; the stream goes on at its present sample."""
        self._ascent.reset()
        if self._grains is not None:
            self._grains.reset()
        self._activations = None
        self.newest = Dream(self._silence, math.floor(self._pushed * self._ratio))

    def reset(self) -> None:
        """Clear the sound and the dream; the stream starts again at sample 0."""
        self._ascent.reset()
        if self._grains is not None:
            self._grains.reset()
        self._down.reset()
        self._up.reset()
        self._feed.reset()
        self._target_sound.reset()
        self.tape.reset()
        self._pending = np.zeros(0, np.float32)
        self._taken = self._pushed = self.count = 0
        self._activations = None
        self._balance.reset()
        self.newest = Dream(self._silence)

    def close(self) -> None:
        """Do nothing: there is only memory to free."""

    def _samples_ahead(self, read_ahead: int) -> int:
        """Return by how many of the model's samples additions must be finished before their time.

        Args:
            read_ahead: samples of the stream by which they are read before they are heard.
        """
        late = self._down.lag + 2 + self.update_deadline + read_ahead
        return math.ceil(late / self._ratio) + self._up.lag + 1

    def _take(self) -> list[Float]:
        """Return the new sound at the model's rate once it completes a hop: many bits cost more."""
        end = self._feed.end
        taken: list[Float] = []
        if end - self._taken < self._down.needed(self._hop - len(self._pending)):
            return taken
        lost = end - self._taken - self._feed.capacity // 2
        if lost > 0:  # stalled: what may be written over while it is read counts as silence
            taken.append(self._down.process(np.zeros(lost, np.float32)))
            self._taken += lost
        if end > self._taken:
            sound = self._feed.read_at(self._taken, end - self._taken)[0]
            taken.append(self._down.process(sound))
            self._taken = end
        return taken

    def _update(self) -> None:
        self._values.take(self._parameters)
        drive = DRIVES[self._values.text("drive")]
        self._refresh_target()
        self._mismatch = self._combination_problem(drive)
        if drive.rule is None and (self._tracker is None or self._grains is None):
            self._mismatch = f"This model has no templates: the drive {drive.name!r} is silent."
        elif drive.rule is None:
            self._hear(drive)
        else:
            self._dream(drive.rule)
        self.count += 1

    def _dream(self, rule: Rule) -> None:
        heard = self._ascent.heard(self._values.number("step"))
        if self._activations is None:  # the target `auto` wants to know what is active
            self._keep(self._dreamer.gradient(heard, {}, rule).activations)
        directions = self._directions()
        directions = self._balance.equalise(directions, heard, rule)
        found = self._dreamer.gradient(heard, directions, rule)
        self._keep(found.activations)
        self._ascent.ascend(found.waveform, self._values)
        self._publish(self._ascent.spectrum(), self._form, found.objective)

    def _combination_problem(self, drive: Drive) -> str:
        combination = self._values.text("combine")
        is_filter = self._form == "log-gain" and drive.rule is not None
        return (
            filter_problem(combination)
            if is_filter and not COMBINATIONS[combination].takes_filter
            else ""
        )

    def _hear(self, drive: Drive) -> None:
        assert self._tracker is not None
        assert self._grains is not None
        self._keep(self._tracker.hear(self._ascent.sound))
        activations = self._activations or {}
        directions = self._directions()
        heard = directions, activations, self._target.is_automatic
        if not drive.gives_magnitude:
            self._grains.start(self._tracker.loudness(*heard), self._pushed // self._hop)
        mask = self._tracker.mask(*heard)
        frequency = np.linspace(0.0, self._dreamer.sample_rate / 2, len(mask))
        magnitude = np.interp(self._frequency, frequency, mask, right=0.0)
        objective = sum(float(directions[n] @ activations[n]) for n in directions)
        self._publish(np.asarray(magnitude, np.float32), "magnitude", objective)

    def _publish(self, spectrum: Float, form: Form, objective: float) -> None:
        self.newest = Dream(
            spectrum,
            math.floor(self._pushed * self._ratio),
            self._target.label(self._target_sound.name),
            objective,
            self._activations or {},
            form,
        )

    def _lay_out(self) -> None:
        finished = self._ascent.finished()
        if DRIVES[self._values.text("drive")].rule is None:
            finished = np.zeros_like(finished)  # what was dreamed by gradients has gone with them
        if self._grains is not None:
            finished = finished + self._grains.finished() * self._loudness()
        if self._pushed == self._hop and self._ascent.active < 0:  # what is ahead begins later
            silent = np.zeros(self._hop - self._ascent.active, np.float32)
            self.tape.write(self._up.process(silent)[np.newaxis])
        if self._pushed >= self._ascent.active:
            self.tape.write(self._up.process(finished)[np.newaxis])

    def _loudness(self) -> Float:
        """Return the level that the finished grains follow, (hop,).

        It is the level of the sound whose dream is finished, or of the newest sound where the
        dream shapes the present.
        """
        sound, span = self._ascent.sound, round(LEVEL_SECONDS * self._dreamer.sample_rate)
        behind = self._hop if self._shapes_present else self._ascent.active
        start = len(sound) - behind
        first = max(0, start - span)
        around = sound[first : start + self._hop + span]
        return local_level(around, span)[start - first : start - first + self._hop]

    def _keep(self, activations: Activations) -> None:
        self._activations = {name: values.copy() for name, values in activations.items()}

    def _directions(self) -> dict[str, Float]:
        sound = self._target_sound.activations(self._target.sound_layers, self._pushed)
        return self._target.directions(self._activations or {}, sound)

    def _hear_window(self, waveform: Float) -> Activations:
        """Return the activations in a window of another sound."""
        return (self._tracker or self._dreamer).hear(waveform)

    def _refresh_target(self) -> None:
        words = self._wanted_words()
        if words != self._words:
            try:
                self._target = self._resolve()
            except InnerearError as error:  # keep the last good one; the words are shown
                self._words = words
                self._problem = str(error)

    def _resolve(self) -> Target:
        words = layer, wanted, file = self._wanted_words()
        target = Target(self._dreamer.layers, self._dreamer.classes, layer, wanted)
        if target.sound_layers:
            self._target_sound.open(file)
        self._words, self._problem = words, ""
        return target

    def _wanted_words(self) -> tuple[str, str, str]:
        layer, target, sound = (self._values.text(id) for id in ("layer", "target", "target_sound"))
        return layer, target, sound
