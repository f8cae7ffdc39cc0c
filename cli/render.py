"""`innerear render`: process a sound file with the processor that plays live."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..engine.defaults import BLOCK_SIZE, SEED
from ..engine.parameter_values import ParameterSet
from .shared.device import Device
from .shared.judged import JudgeNames, judge_files, load_judges, print_judged
from .shared.options import FORMATS_HELP, SOUND_HELP, AsJson, Report
from .shared.output import progress_bar
from .shared.outputs import Force, claim_outputs
from .shared.parameters import with_parameters

EXAMPLES = """
innerear render song.wav dreamed.wav
innerear render song.flac dreamed.flac --target Brass --layer output
innerear render song.wav dreamed.wav --target-sound bells.wav --alignment aligned
innerear render song.wav dreamed.wav --preset brass-halo --step 0.6
innerear render song.wav dreamed.wav --step 0.6 --feedback 0.4 --delay-ms 375
innerear render song.wav dreamed.wav --target Brass --judge crnn-instruments --judge yamnet
innerear render song.ogg dreamed.ogg --alignment aligned --lookahead-ms 500 --report report.json
"""


@with_parameters()
def render(
    source: Annotated[Path, typer.Argument(metavar="IN", help=SOUND_HELP)],
    destination: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help=f"The file to write, of the same length, rate and channels: {FORMATS_HELP}.",
        ),
    ],
    parameters: ParameterSet,
    preset: str | None,
    morph_to: str | None,
    block: Annotated[
        int,
        typer.Option(min=1, max=65_536, metavar="<samples>", help="Samples in a block."),
    ] = BLOCK_SIZE,
    seed: Annotated[int, typer.Option(metavar="<number>", help="Of what draws by chance.")] = SEED,
    judge: JudgeNames = None,
    device: Device = "cpu",
    report: Report = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Dream into a sound file, with the processor that plays live.

    The same input, settings and seed give the same bytes. The processor's latency is removed, so
    that output and input are aligned.
    """
    from ..engine.packs.resolve import load
    from ..engine.plugin.render import render_file

    target_sound = parameters.text("target_sound")
    named = (target_sound, preset, morph_to)  # a preset may be named by its file
    inputs = (source, *(Path(name) for name in named if name))
    claim_outputs((destination, report), inputs, force)
    judges = load_judges(judge)
    pack = load(parameters.text("model"), device=device)
    with progress_bar("dreaming", 1) as advance:
        done = render_file(
            source,
            destination,
            parameters,
            pack=pack,
            block_size=block,
            seed=seed,
            report=report,
            progress=lambda samples, total: advance(samples / total),
        )
    if judges:
        done["judges"] = judge_files(judges, source, destination, done["heard"])
    if as_json:
        from .shared.schemas import RenderReport, print_report

        print_report(RenderReport, done)
        return
    if done["problem"]:
        print("innerear:", done["problem"], file=sys.stderr)
    _print(destination, done)
    print_judged(done.get("judges", ()))
    if report is not None:
        print(f"wrote {report}")


def _print(destination: Path, done: dict[str, Any]) -> None:
    seconds = done["samples"] / done["sample_rate"]
    print(
        f"wrote {destination}: {seconds:.2f} s at {done['sample_rate']} Hz,"
        f" {done['realtime_factor']:.1f} times as fast as it plays"
    )
    print(
        f"{done['dreams']['count']} dreams, the last of {done['heard']};"
        f" latency {done['latency_samples']} samples (taken out)"
    )
