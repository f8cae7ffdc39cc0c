"""A logged performance played again as an array: `innerear.replay`."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..arrays import Float
from ..io.audio_files import SoundWriter, check_sound_output, read_sound
from ..parameter import Value
from ..plugin.render import Progress
from .replay import replay as replay_file


@dataclass(frozen=True)
class Replayed:
    """A performance that was played again.

    Attributes:
        sound: float32 (channels, samples), from the first sample on, latency included.
        sample_rate: of the sound, in hertz.
        part: of the log, from 1.
        parts: number of parts of the log.
        exact: whether the settings are those of the performance, so that on the same machine the
            sound is the one that was heard, bit for bit.
        same_machine: whether the performance was logged on a machine of the same kind.
        changes: number of changes of parameters.
        swaps: how often the model or the window was changed.
        dreams: number of dreams.
        settings: parameters that were held at other values.
    """

    sound: Float
    sample_rate: int
    part: int
    parts: int
    exact: bool
    same_machine: bool
    changes: int
    swaps: int
    dreams: int
    settings: Mapping[str, Value]


def replay(
    log_folder: str | Path,
    destination: str | Path | None = None,
    *,
    part: int = 1,
    settings: Mapping[str, Value] | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Replayed:
    """Play a logged performance again, and return its sound.

    Args:
        log_folder: the log, which `Session.start(log=...)` or `innerear live --log` wrote.
        destination: a sound file to write, too; see `SoundWriter`.
        part: of the log: a restart or another device begins one.
        settings: parameters by id that are held at these values; then the dreams are computed
            anew. Without settings the performance is played as it was, without a network.
        device: where networks compute, with settings; see `load`.
        progress: called with the samples that are done, and with all of them.

    Returns:
        the whole sound. For a performance that does not fit into memory, use the command
        `innerear replay`, which streams it.

    Raises:
        InnerearError: the log, a setting or the destination cannot be used; then nothing is
            written.

    Examples:
        Play a file live for a moment, with a log; then play the log again:

        >>> import tempfile, time
        >>> from pathlib import Path
        >>> import innerear
        >>> from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
        >>> from innerear.engine.io.audio_files import SoundWriter
        >>> folder = Path(tempfile.mkdtemp())
        >>> with SoundWriter(folder / "phrase.wav", SAMPLE_RATE, 2) as writer:
        ...     writer.write(short_phrase())
        >>> with innerear.Session() as session:
        ...     session.start_file(folder / "phrase.wav", log=folder / "log")
        ...     time.sleep(0.5)
        >>> replayed = innerear.replay(folder / "log")
        >>> replayed.sound.shape[0], replayed.sample_rate, replayed.exact
        (2, 44100, True)
    """
    if destination is not None:
        check_sound_output(Path(destination))
    with tempfile.TemporaryDirectory(prefix="innerear-replay-") as temporary:
        # A WAV file of 32-bit floats holds the very bits.
        whole = Path(temporary) / "sound.wav"
        found = replay_file(
            Path(log_folder),
            whole,
            part=part,
            settings=settings,
            device=device,
            progress=progress,
        )
        sound, sample_rate = read_sound(whole)
    if destination is not None:
        with SoundWriter(Path(destination), sample_rate, len(sound)) as writer:
            writer.write(sound)
    names = ("part", "parts", "exact", "same_machine", "changes", "swaps", "dreams", "settings")
    return Replayed(sound, sample_rate, **{name: found[name] for name in names})
