"""The offline recursion on sound files: result, intermediate sounds, a figure and a report."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..analysis.dream_settings import DreamSettings
from ..analysis.offline_dream import OfflineDream
from ..arrays import Float
from ..defaults import PACK
from ..dsp.overview import Overview
from ..errors import ParameterError
from ..files import check_output, check_separate, write_beside
from ..io.audio_files import SoundReader, SoundWriter, check_sound_output, read_sound
from ..packs.resolve import PackOrName
from .hearing_plots import check_figure_output, sounds_figure


def dream_file(
    source: Path,
    destination: Path,
    settings: DreamSettings,
    pack: PackOrName = PACK,
    *,
    target_sound: Path | None = None,
    every: int | None = None,
    figure: Path | None = None,
    report: Path | None = None,
    progress: Callable[[int], None] = lambda steps: None,
) -> dict[str, Any]:
    """Dream a whole sound file.

    Args:
        source: a sound file (see `SoundReader`).
        destination: the file to write (see `SoundWriter`), as long as the source, at its rate.
        settings: of the recursion.
        pack: the network: a pack, its name, or its folder.
        target_sound: a file with the third sound; see `dream`.
        every: keep the sound after every so many steps, as `destination` with the number of steps
            in its name: `dreamed.wav`, after 5 of 100 steps, is `dreamed-005.wav`.
        figure: a picture to draw: waveform and spectrogram of the sound, the last gradient and the
            result.
        report: a JSON file to write.
        progress: called with the number of steps done.

    Returns:
        The report: `OfflineDream.report` and `kept`, the names of the sounds on the way.

    Raises:
        InnerearError: whatever is wrong with the files, the settings or the model; then nothing is
            written.
    """
    if every is not None and every < 1:
        raise ParameterError(f"every cannot be {every}: it takes a number of steps from 1.")
    check_sound_output(destination)
    if figure is not None:
        check_figure_output(figure)
    if report is not None:
        check_output(report)
    kept = kept_files(destination, settings.steps, every)
    outputs = (destination, *kept.values(), figure, report)
    check_separate(
        [path for path in outputs if path is not None],
        [source, *([target_sound] if target_sound else [])],
    )
    with SoundReader(source) as reader:  # so that all is checked before anything is computed
        SoundWriter(destination, reader.sample_rate, reader.channels)
    sound, rate = read_sound(source)
    third, third_rate = read_sound(target_sound) if target_sound else (None, None)
    dreaming = OfflineDream(sound, rate, pack, settings, third, third_rate)
    for step in range(1, settings.steps + 1):
        dreaming.advance()
        if step in kept:
            write_sound(kept[step], dreaming.result(), rate)
        progress(step)
    result = dreaming.result()
    write_sound(destination, result, rate)
    found = {**dreaming.report(), "kept": [str(path) for path in kept.values()]}
    if figure is not None:
        title = f"{source.name}, dreamed by {dreaming.pack.name}: {in_words(found)}"
        pictures = [
            ("Sound", Overview.of(sound, rate)),
            ("Last gradient", Overview.of(dreaming.gradient(), dreaming.pack.sample_rate)),
            ("Result", Overview.of(result, rate)),
        ]
        sounds_figure(figure, title, pictures)
    if report is not None:
        with write_beside(report) as temporary:
            temporary.write_text(json.dumps(found, indent=2) + "\n")
    return found


def kept_files(path: Path, steps: int, every: int | None) -> dict[int, Path]:
    """Return the files of the sounds on the way, by step.

    Args:
        path: of the last sound.
        steps: how many there are; the names have as many digits as this.
        every: see `dream_file`.
    """
    digits = len(str(steps))
    on_the_way = range(every, steps, every) if every else ()
    return {step: path.with_stem(f"{path.stem}-{step:0{digits}d}") for step in on_the_way}


def write_sound(path: Path, sound: Float, sample_rate: int) -> None:
    """Write a whole sound, float32 (channels, samples)."""
    with SoundWriter(path, sample_rate, len(sound)) as writer:
        writer.write(sound)


def in_words(report: dict[str, Any]) -> str:
    """Return the settings in a phrase: `10 steps of 0.1, add, Singing voice`."""
    settings = report["settings"]
    steps = f"{settings['steps']} step" + ("s" if settings["steps"] != 1 else "")
    return f"{steps} of {settings['step']:g}, {settings['combine']}, {report['targets'][-1]}"
