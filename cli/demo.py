"""`innerear demo`: dream into a short phrase that Innerear makes itself, and show both."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ..engine.parameter_values import ParameterSet
from .shared.judged import judge_files, judged_line
from .shared.output import progress_bar
from .shared.outputs import Force, claim_outputs
from .shared.parameters import with_parameters

EXAMPLES = """
innerear demo
innerear demo --target Brass
innerear demo --preset struck-glass
innerear demo my-dreams --combine filter --feedback 0.5
"""

_STRONGEST = 3
_OWN_FOLDER = Path("demo-output")
_WISH = "Speech"
"""What is not in the phrase: heard and seen at once in the dream of it."""


@with_parameters(alignment="aligned")
def demo(
    parameters: ParameterSet,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the files go; made where it is missing.")
    ] = _OWN_FOLDER,
    preset: str | None = None,
    force: Force = False,
) -> None:
    """Dream into a short phrase, with a figure of before and after.

    Dreams of speech, where the model knows it and no preset or other target is named, and asks
    networks that took no part what they hear. Needs no sound card: listen to the two files with
    any player. What an earlier demo left in its own folder, `demo-output`, is replaced; in a folder
    that you name, files stay unless you say --force.
    """
    from ..engine.analysis.judging.judges import unseen_judges
    from ..engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
    from ..engine.errors import InnerearError
    from ..engine.io.audio_files import SoundWriter
    from ..engine.optional import require
    from ..engine.packs.resolve import load, members_of
    from ..engine.plots.hearing_plots import before_after_figure
    from ..engine.plugin.processor import Processor
    from ..engine.plugin.render import render_file

    require("the figure of the demo needs", "matplotlib")
    pack = load(parameters.text("model"))
    if preset is None and parameters.text("target") == "auto" and _WISH in pack.classes:
        parameters.set("target", _WISH)
    members = members_of(pack)
    Processor(pack, parameters)  # checks the parameters before a file is written
    before, after, figure = folder / "phrase.wav", folder / "dreamed.wav", folder / "figure.png"
    outputs = (before, after, figure, folder / "report.json")
    claim_outputs(outputs, force=force or folder == _OWN_FOLDER)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InnerearError(f"{folder}: cannot be made ({problem.strerror})") from problem
    phrase = short_phrase()
    with SoundWriter(before, SAMPLE_RATE, len(phrase)) as writer:
        writer.write(phrase)
    with progress_bar("dreaming", phrase.shape[1]) as advance:
        report = render_file(
            before,
            after,
            parameters,
            pack=pack,
            report=folder / "report.json",
            progress=lambda samples, total: advance(samples),
        )
    pictures = [_look(path, pack) for path in (before, after)]
    title = f"A short phrase, and the dream of {' and '.join(each.name for each in members)}"
    before_after_figure(figure, title, *pictures)
    for what, path, (_, heard) in zip(
        ("the phrase", "the dream of it"), (before, after), pictures, strict=True
    ):
        names = ", ".join(
            f"{heard.classes[index]} {heard.scores[:, index].mean():.2f}"
            for index in heard.strongest(_STRONGEST)
        )
        print(f"{what:15}  {path}\n{'':15}  {pack.name} hears {names}")
    target = parameters.text("target")
    judges = [each for each in unseen_judges(members) if each.class_for(target)]
    for place, row in enumerate(judge_files(judges, before, after, target)):
        print(f"{'others hear' if place == 0 else '':15}  {judged_line(row)}")
    print(f"{'both, to see':15}  {figure}")
    print(f"{'what was done':15}  {folder / 'report.json'}")
    print(f"\nDreamed {report['realtime_factor']:.1f} times as fast as it plays.")


def _look(path: Path, pack: Any) -> tuple[Any, Any]:
    """Return the overview of a sound file, and what a network hears in it."""
    from ..engine.analysis.classify import hear
    from ..engine.dsp.overview import Overview
    from ..engine.io.audio_files import read_sound

    sound, sample_rate = read_sound(path)
    return Overview.of(sound, sample_rate), hear(sound, sample_rate, pack)
