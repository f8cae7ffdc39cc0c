"""Exports any torch module as a model pack."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from torch import nn

from ..engine.analysis.quick_templates import DRAWS, quick_templates
from ..engine.errors import ModelError
from ..engine.files import disk_error
from ..engine.packs.manifest import PackName, read_manifest
from ..engine.packs.pack import Pack, available_packs, user_folder
from ..engine.packs.pack_files import add_templates
from ..engine.packs.store import adding
from ..engine.packs.verify import verify
from ..models.networks.listener import Listener
from .capture.wrap_module import Scores, WrappedModule
from .pack_graphs import ExportReport
from .pack_writer import write_pack

LICENCE = "as the network's own"
TRAINING_DATA = "as the network's own authors say"
PLAY_IN_TORCH = (
    "Torch can play it as it is: pack = innerear.exporters.TorchPack(module,"
    " sample_rate, window); innerear.Processor(pack)."
)


@dataclass(frozen=True)
class Exported:
    """A module's model pack.

    Attributes:
        pack: to hear and to dream with.
        hear_error: largest relative L2 error of a layer's activations, compared with torch.
        dream_error: largest relative L2 error of a gradient, over layers and rules.
    """

    pack: Pack
    hear_error: float
    dream_error: float


def export(
    module: nn.Module,
    sample_rate: int,
    window: int,
    layers: Sequence[str] | None = None,
    *,
    name: str | None = None,
    classes: Sequence[str] | None = None,
    scores: Scores = "sigmoid",
    folder: str | Path | None = None,
    draws: int = DRAWS,
    progress: Callable[[float], None] = lambda share: None,
) -> Exported:
    """Write the model pack of any torch module; the module stays as it is.

    Args:
        module: takes a waveform [batch, window] or [batch, 1, window], gives scores
            [batch, classes] or [batch, classes, frames].
        sample_rate: of the waveform, in hertz.
        window: samples that it takes at once.
        layers: paths of modules, as in `named_modules`, whose results become the layers; by
            default what its activation functions give, or where it has none its convolutions.
        name: of the pack; by default made from the module's class.
        classes: names of the scores; by default "class 0", "class 1" and so on.
        scores: "sigmoid", "softmax" or "none": what makes scores of 0..1 of what the module gives.
            Where it ends in a sigmoid or a softmax itself, that is found and this is not needed.
        folder: of the pack; by default among the user's own, where `innerear.load(name)` finds it.
        draws: noises that the units' templates are found with; see `quick_templates`.
        progress: called with the share of the work that is done.

    Returns:
        the pack, and how close its graphs come to torch.

    Raises:
        ModelError: a name that cannot be or is taken, a module of another kind, or one that does
            something that cannot be exported; then nothing is written.
        ParameterError: a setting that cannot be.
    """
    name = _checked_name(name or _default_name(module), taken=folder is None)
    listener = WrappedModule(module, sample_rate, window, layers, classes, scores)
    with adding(name) if folder is None else _making(Path(folder), name) as place:
        progress(0.05)
        report = _write(listener, place, name, type(module).__qualname__, draws)
        progress(0.5)
        templates = quick_templates(
            place, draws=draws, progress=lambda done: progress(0.5 + 0.5 * done / draws)
        )
        add_templates(place, templates)
    pack = Pack(user_folder() / name if folder is None else folder)
    return Exported(pack, report.hear_error, report.dream_error)


def _write(
    listener: WrappedModule, place: Path, name: str, class_name: str, draws: int
) -> ExportReport:
    try:
        return write_pack(
            listener,
            place,
            name=name,
            title=f"{class_name}, {len(listener.classes)} scores",
            licence=LICENCE,
            training_data=TRAINING_DATA,
            card=_card(listener, name, class_name, draws),
        )
    except ModelError as problem:
        # Torch adds where in its graph it was.
        line = str(problem.args[0]).splitlines()[0]
        raise ModelError(f"{line} {PLAY_IN_TORCH}") from problem
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as problem:
        # Errors of the module's own code, or of a case that the exporter does not know.
        line = (str(problem).strip() or type(problem).__name__).splitlines()[0]
        raise ModelError(f"The network cannot be exported: {line}. {PLAY_IN_TORCH}") from problem


def _default_name(module: nn.Module) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", type(module).__name__.lower()).strip("._-")


def _checked_name(name: str, taken: bool) -> str:
    """Return the name, or refuse it; with `taken`, also one that another pack has."""
    try:
        TypeAdapter(PackName).validate_python(name)
    except ValidationError:
        raise ModelError(
            f"A model cannot be called {name!r}: small letters, digits, dots and dashes."
        ) from None
    if taken and name in available_packs():
        raise ModelError(
            f"There is a model {name!r} already: choose another name, or remove it with innerear"
            f" models remove {name}."
        )
    return name


@contextmanager
def _making(folder: Path, name: str) -> Iterator[Path]:
    """Yield a folder to write a pack in; it is checked and moved to `folder` at the end.

    Raises:
        ModelError: `folder` holds something else than an earlier pack of that name, or the disk
            refuses.
    """
    is_free = folder.is_dir() and not any(folder.iterdir())
    if folder.exists() and not is_free and _name_of(folder) != name:
        raise ModelError(f"{folder} is there already, and is no model pack {name!r}.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".exporting-", dir=folder.parent) as workshop:
            place = Path(workshop) / name
            yield place
            verify(place)
            if folder.is_dir():
                shutil.rmtree(folder)
            place.rename(folder)
    except OSError as problem:
        raise disk_error(folder, problem, ModelError) from problem


def _name_of(folder: Path) -> str | None:
    try:
        return read_manifest(folder).name
    except ModelError:
        return None


def _card(listener: Listener, name: str, class_name: str, draws: int) -> str:
    return "\n".join(
        [
            f"# {name}",
            "",
            f"The torch module `{class_name}`, exported by Innerear with the weights it had.",
            "",
            f"It takes {listener.window} samples at {listener.sample_rate} Hz and gives"
            f" {len(listener.classes)} scores. What it was trained on, how well it does and under"
            " which licence it may be used, its authors say.",
            "",
            f"The units' templates were found by reverse correlation with {draws} noises.",
            "",
        ]
    )
