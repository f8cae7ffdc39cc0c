"""`innerear dream`: the paper's recursion on a whole sound file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ..engine.analysis.dream_settings import DREAM_SETTINGS, DreamSettings, dream_settings
from ..engine.defaults import PAPERS_PACK
from ..engine.errors import ParameterError
from .shared.device import Device
from .shared.judged import JudgeNames, judge_files, load_judges, print_judged
from .shared.options import FORMATS_HELP, MODELS_HELP, SOUND_HELP, AsJson, Report, models_option
from .shared.output import progress_bar
from .shared.outputs import Force, claim_outputs
from .shared.parameters import with_flags

EXAMPLES = """
innerear dream song.wav dreamed.wav
innerear dream song.wav dreamed.wav --target "Singing voice" --figure dreamed.png
innerear dream song.wav dreamed.wav --target Flute --judge crnn-instruments --judge yamnet
innerear dream song.wav dreamed.flac --combine flip --steps 20 --every 5
innerear dream song.wav dreamed.wav --combine target --target-sound trumpet.wav
innerear dream --paper figures song.wav
"""


@with_flags("settings", DREAM_SETTINGS, dream_settings)
def dream(
    settings: DreamSettings,
    source: Annotated[Path | None, typer.Argument(metavar="IN", help=SOUND_HELP)] = None,
    destination: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help=f"The file to write: {FORMATS_HELP}."),
    ] = None,
    model: Annotated[
        str | None,
        models_option(f"{MODELS_HELP}  [default: {PAPERS_PACK}]"),
    ] = None,
    target_sound: Annotated[
        Path | None,
        typer.Option(
            metavar="<file>",
            help="Another sound: what is heard in it is excited, where no target is named;"
            " --combine target takes cut and phase from it.",
        ),
    ] = None,
    every: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="<steps>", help="Keep the sound after every so many steps: OUT-05.wav."
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            metavar="<file>", help="Draw sound, last gradient and result (.png, .svg, .pdf)."
        ),
    ] = None,
    paper: Annotated[
        Path | None,
        typer.Option(
            metavar="<folder>",
            help="Make the paper's eight figures and sounds, from IN or from a phrase that"
            " Innerear makes; with YAMNet where it was added. The knobs are the paper's.",
        ),
    ] = None,
    judge: JudgeNames = None,
    device: Device = "cpu",
    report: Report = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Dream a whole sound file, as the DreamSound paper does.

    At each step the gradient of what is excited is taken over the whole sound, and combined with
    it; the next step starts from the result. The channels are dreamed from their mix. A result
    that would be above full scale is turned down.
    """
    if paper is not None:
        if destination is not None or every or figure or report or target_sound or judge:
            raise ParameterError("--paper goes with IN, --model, --device, --force, --json alone.")
        if settings != dream_settings():
            raise ParameterError("--paper sets the knobs itself: leave them out.")
        _paper(paper, source, model, device, force, as_json)
        return
    if source is None or destination is None:
        raise ParameterError("dream needs IN and OUT: innerear dream song.wav dreamed.wav")
    from ..engine.packs.resolve import load
    from ..engine.plots.dream_files import dream_file, in_words, kept_files

    kept = kept_files(destination, settings.steps, every)
    outputs = (destination, *kept.values(), figure, report)
    claim_outputs(outputs, (source, target_sound), force)
    judges = load_judges(judge)
    pack = load(model or PAPERS_PACK, device=device)
    with progress_bar("dreaming", settings.steps) as advance:
        done = dream_file(
            source,
            destination,
            settings,
            pack,
            target_sound=target_sound,
            every=every,
            figure=figure,
            report=report,
            progress=advance,
        )
    if judges:
        done["judges"] = judge_files(judges, source, destination, done["targets"][-1])
    if as_json:
        from .shared.schemas import DreamReport, print_report

        print_report(DreamReport, done)
        return
    print(f"wrote {destination}: {in_words(done)}")
    print(_what_came_of_it(done))
    print_judged(done.get("judges", ()))
    for path in (*done["kept"], figure, report):
        if path is not None:
            print(f"wrote {path}")


def _what_came_of_it(done: dict[str, Any]) -> str:
    words = (
        f"{done['targets'][-1]} to {done['model']}:"
        f" {done['score_before']:.2f} before, {done['score_after']:.2f} after"
    )
    if done["broken_windows"]:
        words += f"; {done['broken_windows']} gradients were no numbers and left out"
    if done["change_db"] is None:
        return words + "; the sound is as it was"
    words += f"; the change is {done['change_db']:.1f} dB relative to the sound"
    if done["turned_down_db"]:
        words += f"; turned down by {done['turned_down_db']:.1f} dB"
    return words


def _paper(
    folder: Path, source: Path | None, model: str | None, device: str, force: bool, as_json: bool
) -> None:
    from ..engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
    from ..engine.io.audio_files import read_sound
    from ..engine.optional import require
    from ..engine.packs.pack import load_pack
    from ..engine.plots.paper import all_steps, paper_figures, papers_files, papers_pack

    require("figures need", "matplotlib")
    claim_outputs(papers_files(folder), (source,), force)
    sound, rate = read_sound(source) if source else (short_phrase(), SAMPLE_RATE)
    name = source.name if source else "a short phrase"
    pack = load_pack(model, device=device) if model else papers_pack(device)
    with progress_bar("dreaming", all_steps()) as advance:
        done = paper_figures(folder, sound, rate, pack, name, advance)
    if as_json:
        from .shared.schemas import PaperReport, print_report

        print_report(PaperReport, done)
        return
    print(f"{pack.name} dreamed of {name}; in {folder}:")
    for row in done["figures"]:
        print(f"{row['picture']}, {row['sound']}: {row['caption']}")
