"""The headless facade: one network, its knobs, and the sound it works on. Front ends call this."""

import gc
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from .modelpack import Pack, load
from .parameters import ParameterSet, Value
from .processor import Processor, Status
from .render import Progress, render_file
from .target import Target

if TYPE_CHECKING:
    from .audio_io import AudioStream

THREAD_SWITCH_SECONDS = 1e-4


@dataclass(frozen=True)
class LiveStatus:
    """How a live stream is doing.

    Attributes:
        processor: how the dreams are doing.
        latency_samples: from input to output, without the device's own.
        sample_rate: in hertz.
        block_size: samples per callback.
        block_ms: how long callbacks took: p50, p99, p999, max.
        load: the 99.9th percentile of that as a share of the time there is.
        xruns: blocks that the device reports as lost.
        problem: what went wrong last, in words; empty when nothing did.
    """

    processor: Status
    latency_samples: int
    sample_rate: int
    block_size: int
    block_ms: dict[str, float]
    load: float
    xruns: int
    problem: str


class Session:
    """A network with its parameters, playing live or rendering files."""

    def __init__(self, pack: Pack | str | None = None, parameters: ParameterSet | None = None):
        """Load a network.

        Args:
            pack: a model pack or its name; by default the one that the parameters name.
            parameters: shared with whoever turns the knobs; by default a new set.

        Raises:
            InnerearError: an unknown model, or words in the parameters that it does not know.
        """
        self.parameters = parameters if parameters is not None else ParameterSet()
        chosen = self.parameters.text("model") if pack is None else pack
        self.pack = load(chosen) if isinstance(chosen, str) else chosen
        self._check_words(self.parameters.text("layer"), self.parameters.text("target"))
        self._stream: AudioStream | None = None
        self._processor: Processor | None = None

    def set(self, id: str, value: Value) -> None:
        """Set one parameter; a word that the network does not know changes nothing.

        Raises:
            InnerearError: an unknown parameter, value, layer or target.
        """
        words = {word: self.parameters.text(word) for word in ("layer", "target")}
        if id in words:
            words[id] = str(value)
            self._check_words(**words)
        self.parameters.set(id, value)

    def start(
        self,
        input_device: str | int | None = None,
        output_device: str | int | None = None,
        sample_rate: int | None = None,
        channels: int | None = None,
    ) -> None:
        """Play live, from a sound input to an output; see `AudioStream`.

        Raises:
            DeviceError: PortAudio or the device is missing, or cannot be opened.
        """
        from .audio_io import AudioStream

        self.stop()
        self._processor = Processor(self.pack, self.parameters, realtime=True)
        # A collection pauses everything for up to 136 ms; what start-up made can stay for good.
        gc.collect()
        gc.freeze()
        sys.setswitchinterval(THREAD_SWITCH_SECONDS)
        self._stream = AudioStream(
            self._processor, input_device, output_device, sample_rate, channels
        )

    def stop(self) -> None:
        """End live playing, if it goes on."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    @property
    def devices(self) -> tuple[str, str] | None:
        """Names of the input and the output in use; None when not playing."""
        if self._stream is None:
            return None
        return self._stream.input_name, self._stream.output_name

    def status(self) -> LiveStatus | None:
        """Return how the live stream is doing; None when not playing.

        Raises:
            DeviceError: the device has stopped.
        """
        stream, processor = self._stream, self._processor
        if stream is None or processor is None:
            return None
        stream.adapt()
        block_ms = stream.durations.summary_ms()
        budget_ms = 1000.0 * stream.block_size / stream.sample_rate
        inner = processor.status
        return LiveStatus(
            inner,
            processor.latency_samples,
            stream.sample_rate,
            stream.block_size,
            block_ms,
            block_ms["p999"] / budget_ms,
            stream.xruns,
            stream.failure or inner.problem,
        )

    def render(
        self, source: Path, destination: Path, *, progress: Progress | None = None, **settings: Any
    ) -> dict[str, Any]:
        """Render a sound file; see `render_file`."""
        return render_file(
            source, destination, self.parameters, pack=self.pack, progress=progress, **settings
        )

    def __enter__(self) -> Self:
        """Return the session itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop playing."""
        self.stop()

    def _check_words(self, layer: str, target: str) -> None:
        Target(self.pack.layers, self.pack.classes, layer, target)
