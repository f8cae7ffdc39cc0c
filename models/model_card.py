"""The model card of a trained network: what it learned from, how well, and how to repeat it."""

from .checkpoints import Checkpoint
from .evaluate import Accuracy
from .geometry import LayerGeometry
from .maximise_templates import Templates

LICENCE = "MIT"
TRAINING_DATA = (
    "notes and drum strokes rendered by FluidSynth from the FluidR3 General MIDI sound set "
    "(Frank Wen, MIT); speech and sung vowels by espeak-ng (the program is GPL-3.0-or-later, "
    "its output is ours); computed noise"
)


def model_card(
    checkpoint: Checkpoint,
    plain: Accuracy,
    coloured: Accuracy,
    layers: list[LayerGeometry],
    templates: Templates,
    remark: str = "",
) -> str:
    """Write the card.

    Args:
        checkpoint: of the finished training.
        plain: accuracy on held-out sounds as they were rendered.
        coloured: the same with the training's filters, rooms, noise and pitch shifts.
        layers: of the network.
        templates: of its units.
        remark: what else there is to say about the training.

    Returns:
        Markdown.
    """
    recipe = checkpoint.recipe
    seen = checkpoint.epoch * recipe.steps * recipe.batch
    lines = [
        f"# {recipe.title}",
        "",
        f"The pack `{recipe.name}` of Innerear: a network that names what sounds, and dreams it.",
        f"It takes a waveform at {recipe.sample_rate} Hz and gives {len(checkpoint.classes)} "
        "independent scores, 0..1: several sounds may play at once.",
        "",
        "## Layers",
        "",
        "| layer | units | hop (samples) | sees (samples) | dead units |",
        "|---|---|---|---|---|",
    ]
    for layer in layers:
        dead = len(templates.dead[layer.name])
        lines.append(
            f"| {layer.name} | {layer.units} | {layer.hop} | {layer.receptive_field} | {dead} |"
        )
    lines += [
        "",
        "Each window is first brought to one level, so through its loudness every frame depends "
        "a little on the whole window; *sees* leaves that aside. A dead unit is one that no noise "
        "woke when its template was sought; its template is zero.",
        "",
        "## Accuracy",
        "",
        "Part of the held-out examples whose highest score is the right class, one class sounding "
        "at a time, at any place in the window. *Plain*: as rendered, peak at -20..0 dBFS. "
        "*Coloured*: with random filters, rooms, noise, pitch shifts and clipping as in training, "
        "peak at -40..0 dBFS.",
        "",
        f"Overall: **{plain.overall:.1%}** plain, **{coloured.overall:.1%}** coloured.",
        "",
        "| class | plain | coloured |",
        "|---|---|---|",
    ]
    for name in checkpoint.classes:
        lines.append(f"| {name} | {plain.per_class[name]:.0%} | {coloured.per_class[name]:.0%} |")
    lines += ["", "The commonest mistakes, plain:", ""]
    lines += [f"- {true}, heard as {heard}: {count}" for true, heard, count in plain.mistakes(8)]
    lines += [
        "",
        "Held out are every fifth semitone and two velocities of the pitched instruments, two drum "
        "kits and three velocities of the drums, and the voices and texts of six speakers. They "
        "come from the same sound set and the same synthesiser, and neighbouring notes share "
        "recordings, so the figures say little about other recordings: expect less there.",
        "",
        "## Training",
        "",
        f"Sounds: {TRAINING_DATA}.",
        "",
        f"{seen:,} examples, each cropped, shifted in pitch, mixed, filtered, put into a room and "
        f"set to a level anew, in {checkpoint.seconds / 60:.0f} minutes. The weights are "
        f"{LICENCE}-licensed." + (f" {remark}" if remark else ""),
        "",
        "To repeat it, pack included, with the Debian packages `fluidsynth`, `fluid-soundfont-gm` "
        "and `espeak-ng`:",
        "",
        "```sh",
        f"python -m innerear.models.train {recipe.name}",
        "```",
        "",
        "The recipe:",
        "",
        "```json",
        recipe.to_json(),
        "```",
        "",
    ]
    return "\n".join(lines)
