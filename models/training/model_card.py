"""Writes the model card of a trained network: its data, its accuracy, and how to repeat it."""

from ...engine.analysis.templates import Templates
from ..networks.geometry import LayerGeometry
from .checkpoints import Checkpoint
from .evaluate import ATTACK_STEPS, Accuracy


def model_card(
    checkpoint: Checkpoint,
    plain: Accuracy,
    coloured: Accuracy,
    attacked: Accuracy | None,
    layers: list[LayerGeometry],
    templates: Templates,
    remark: str = "",
) -> str:
    """Write the card.

    Args:
        checkpoint: of the finished training.
        plain: accuracy on held-out sounds as they were rendered.
        coloured: the same with the training's filters, rooms, noise and pitch shifts.
        attacked: the same as `plain` but against the adversary of the recipe, if it has one.
        layers: of the network.
        templates: of its units.
        remark: what else there is to say about the training.

    Returns:
        Markdown.
    """
    recipe = checkpoint.recipe
    source = recipe.source
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
        *_robustness(checkpoint, attacked),
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
        source.what_is_held_out,
        "",
        "## Training",
        "",
        f"Sounds: {source.training_data}.",
        "",
        f"{seen:,} examples, each cropped, shifted in pitch, "
        f"{'mixed, ' if recipe.augmentation.mixture else ''}filtered, put into a room and "
        f"set to a level anew, in {checkpoint.seconds / 60:.0f} minutes. The weights are "
        f"{source.licence}-licensed." + (f" {remark}" if remark else ""),
        "",
        f"To repeat it, pack included, with {source.needs}:",
        "",
        "```sh",
        f"innerear train {recipe.name}{source.flags}",
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


def _robustness(checkpoint: Checkpoint, attacked: Accuracy | None) -> list[str]:
    """Return what to say of a network that was trained against an adversary."""
    adversary = checkpoint.recipe.adversary
    if adversary is None or attacked is None:
        return []
    return [
        "",
        f"Against an adversary: **{attacked.overall:.1%}** plain. It moves each example, within "
        f"{adversary.radius:g} of its norm (L2), to where the network errs most, in "
        f"{ATTACK_STEPS} steps of normalised gradient ascent. The network was trained against the "
        f"same in {adversary.steps}.",
    ]
