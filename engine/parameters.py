"""Every parameter, declared once: ranges, flags, presets, scaling and help derive from here."""

from collections.abc import Mapping

from .alignment import ALIGNMENTS
from .combinations import COMBINATIONS, LIVE_COMBINATIONS
from .drives import DRIVES
from .errors import ParameterError, nearest
from .parameter import Group, Kind, Parameter, Value
from .parameterisations import DREAM_PARAMETERISATIONS, LIVE_PARAMETERISATIONS
from .sync_sources import SYNC_SOURCES


def _number(
    id: str,
    title: str,
    default: float,
    limits: tuple[float, float],
    unit: str,
    meaning: str,
    structural: bool = False,
    curve: float = 1.0,
    kind: Kind = "number",
    stored: bool = True,
    group: Group = "Dream",
    leads: bool = False,
    on_stage: bool = False,
) -> Parameter:
    return Parameter(
        id,
        title,
        meaning,
        kind,
        default,
        *limits,
        unit=unit,
        structural=structural,
        curve=curve,
        stored=stored,
        group=group,
        leads=leads,
        on_stage=on_stage,
    )


def _choice(
    id: str, title: str, choices: tuple[Value, ...], meaning: str, structural: bool = False
) -> Parameter:
    return Parameter(
        id,
        title,
        meaning,
        "choice",
        choices[0],
        choices=choices,
        structural=structural,
        group="Method",
    )


def _meanings(meanings: Mapping[str, str]) -> str:
    """Return what each choice means, in one sentence: `live: the newest ...; echo: ...`."""
    return "; ".join(f"{choice}: {meaning}" for choice, meaning in meanings.items()) + "."


def _switch(id: str, title: str, meaning: str) -> Parameter:
    """Declare a switch for the moment, which presets do not hold."""
    return Parameter(id, title, meaning, "switch", False, stored=False, group="Performance")


_DECLARED = (
    Parameter(
        "model",
        "Model",
        "The network that listens: a pack's name or folder. Several dream together: a,b:0.5.",
        "text",
        "stftcnn-robust,crnn-robust",
        structural=True,
        group="Network",
    ),
    Parameter(
        "layer",
        "Dream layer",
        "The layer, or several with weights (conv5,output:0.5), whose activations are excited.",
        "text",
        "output",
        group="Network",
    ),
    Parameter(
        "target",
        "Target",
        "What is excited: auto (what is strongest already), energy (all of the layer),"
        " sound (what the layer hears in the target sound), a class name, a unit's index, or a"
        " weighted mix of these, each on a layer of its own where one is named"
        " (output/Brass*0.7 + conv5/12*0.3).",
        "text",
        "auto",
        group="Network",
    ),
    Parameter(
        "target_sound",
        "Target sound",
        "A sound file of at most a minute, for the target sound: it plays in a loop that only the"
        " network hears. Empty for the sidechain, where there is one.",
        "text",
        "",
        optional=True,
        group="Network",
    ),
    _choice(
        "drive",
        "Drive",
        tuple(DRIVES),
        "Where the dream comes from. "
        + _meanings({name: drive.meaning for name, drive in DRIVES.items()}),
    ),
    _choice(
        "parameterisation",
        "Parameterisation",
        LIVE_PARAMETERISATIONS,
        "What the gradient changes. "
        + _meanings(
            {name: DREAM_PARAMETERISATIONS[name].meaning for name in LIVE_PARAMETERISATIONS}
        ),
        structural=True,
    ),
    _choice(
        "combine",
        "Blend mode",
        LIVE_COMBINATIONS,
        "How the dream meets the sound. "
        + _meanings({name: COMBINATIONS[name].meaning for name in LIVE_COMBINATIONS}),
    ),
    _number(
        "step",
        "Amount",
        1.0,
        (0, 2),
        "",
        "How far the dream moves the sound (the size of its step); 0 leaves the sound as it is.",
        leads=True,
        on_stage=True,
    ),
    _number(
        "range_db",
        "Range",
        24.0,
        (0, 24),
        "dB",
        "How far the filter may lift or cut, before the loudness is evened out; how far a"
        " partial may (parameterisations filter and partials).",
        leads=True,
        on_stage=True,
    ),
    _number(
        "feedback",
        "Feedback",
        0.0,
        (0, 1),
        "",
        "How much of the output re-enters the input; the loop always decays.",
        group="Loop",
        on_stage=True,
    ),
    _number(
        "delay_ms",
        "Delay",
        250.0,
        (0, 2000),
        "ms",
        "The period of the feedback; a note value follows the tempo.",
        curve=2.0,
        kind="duration",
        group="Loop",
        on_stage=True,
    ),
    _number(
        "threshold_db",
        "Threshold",
        -50.0,
        (-80, 0),
        "dB",
        "Bins below it, relative to the peak, are dropped.",
    ),
    _number(
        "smooth_ms",
        "Smoothing",
        0.0,
        (0, 2000),
        "ms",
        "Smoothing of the dream over time.",
        curve=3.0,
    ),
    _number(
        "hold_ms",
        "Hold",
        500.0,
        (0, 2000),
        "ms",
        "How slowly the last dream fades when the next one is late.",
        curve=2.0,
    ),
    _choice(
        "alignment",
        "Alignment",
        tuple(ALIGNMENTS),
        _meanings({name: alignment.meaning for name, alignment in ALIGNMENTS.items()}),
        structural=True,
    ),
    _number(
        "lookahead_ms",
        "Lookahead",
        250.0,
        (0, 1000),
        "ms",
        "How long a sound collects gradient steps before its dream is heard.",
        structural=True,
        curve=2.0,
    ),
    _number(
        "colour",
        "Colour",
        0.5,
        (0, 1),
        "",
        "From the raw, bright gradient (0) to one like the sound: tilted by 1/f, strong where"
        " the sound is (1); filter and partials have none.",
        leads=True,
        on_stage=True,
    ),
    Parameter(
        "n_fft",
        "Filter window",
        "Samples in the filter's window: longer is smoother, later.",
        "integer choice",
        1024,
        choices=(256, 512, 1024, 2048, 4096),
        structural=True,
        group="Method",
    ),
    _choice(
        "channel_mode",
        "Channels",
        ("mix", "each"),
        "mix: all channels share one dream, of their mix; each: every channel dreams its own.",
        structural=True,
    ),
    _number(
        "tempo_bpm",
        "Tempo",
        120.0,
        (30, 300),
        "bpm",
        "Of note values; what `sync` names, or taps, set it.",
        stored=False,
        group="Loop",
    ),
    Parameter(
        "sync",
        "Sync",
        "What tempo and beat follow while playing live. " + _meanings(SYNC_SOURCES),
        "choice",
        "auto",
        choices=tuple(SYNC_SOURCES),
        stored=False,
        group="Loop",
    ),
    _choice(
        "beat",
        "On the beat",
        ("off", "1/1", "1/2", "1/4", "1/8", "1/16"),
        "The dream changes only on the beat.",
    ),
    _number(
        "mix",
        "Mix",
        1.0,
        (0, 1),
        "",
        "Dry and wet: 0 is the sound alone, 1 the dreamed sound.",
        group="Level",
        on_stage=True,
    ),
    _number(
        "input_db",
        "Input level",
        0.0,
        (-60, 24),
        "dB",
        "Gain before everything.",
        stored=False,
        group="Level",
        leads=True,
    ),
    _number(
        "output_db",
        "Output level",
        0.0,
        (-60, 24),
        "dB",
        "Gain after everything.",
        group="Level",
        on_stage=True,
    ),
    _switch(
        "silenced",
        "Panic",
        "Silence at once, until it is released: by Panic again, or by turning the output level all"
        " the way down and fading in.",
    ),
    _switch("mute", "Mute", "Silence; everything runs on."),
    _switch("dim", "Dim", "Turn the output down by 20 dB; everything runs on."),
    _switch("freeze", "Freeze", "Hold the dream as it is."),
    _switch(
        "bypass",
        "Bypass",
        "Pass the sound through untouched; neither input nor output level applies.",
    ),
    _number(
        "morph",
        "Morph",
        0.0,
        (0, 1),
        "",
        "From preset A (0) to preset B (1).",
        stored=False,
        group="Performance",
    ),
)

PARAMETERS: Mapping[str, Parameter] = {parameter.id: parameter for parameter in _DECLARED}
"""Every parameter by its id, in the order in which clients show them."""

AUTOMATABLE = tuple(p for p in _DECLARED if p.automatable and p.id != "sync")
"""Those that a plug-in's host can turn while it plays, numbered from 0 as the host numbers them.

Not `sync`: it is the host that is followed.
"""

SAFETY_SWITCHES = ("silenced", "mute", "dim")
"""Switches against what is too loud: clients show them first, and no undo turns them off."""


def find_parameter(id: str) -> Parameter:
    """Return the parameter called `id`.

    Raises:
        ParameterError: there is none of that name; the message lists the nearest.
    """
    if id not in PARAMETERS:
        raise ParameterError(f"There is no parameter {id!r}. {nearest(id, PARAMETERS)}")
    return PARAMETERS[id]
