"""Model packs: folders with the ONNX graphs of a network."""

import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Float
from ..drives import Rule
from ..errors import ModelError, nearest
from ..files import list_folder, names_folder
from .adding.addable import how_to_add
from .auralise_runner import Auraliser
from .gradient_source import OnnxGradientSource
from .manifest import (
    AURALISE_FILE,
    DREAM_FILE,
    HEAR_FILE,
    MANIFEST_FILE,
    TEMPLATE_BINS,
    TEMPLATES_FILE,
    LayerInfo,
    Manifest,
    read_manifest,
)
from .network import Activations, GradientSource, PackLike
from .onnx_device import Device, compute_device
from .onnx_runners import (
    ACTIVATION_PREFIX,
    DIRECTION_PREFIX,
    GradientRunner,
    HearRunner,
    as_direction,
    as_waveform,
    check_found,
    check_layers,
    dream_results,
    rule_number,
)
from .onnx_scan import check_graph
from .pack_files import read_file, unit_rows
from .sessions.session import Session, open_session

SHIPPED_FOLDER = Path(__file__).resolve().parent.parent.parent / "models" / "packs"


class Pack:
    """One model pack: its manifest, and its graphs, which are opened when first used.

    Examples:
        >>> import innerear
        >>> import numpy as np
        >>> pack = innerear.load("samplecnn-instruments")
        >>> heard = pack.hear(np.zeros((1, pack.window), np.float32))
        >>> heard["output"].shape[:2] == (1, len(pack.classes))
        True
        >>> brass = np.eye(len(pack.classes), dtype=np.float32)[pack.classes.index("Brass")]
        >>> noise = 0.1 * np.random.default_rng(0).standard_normal((1, pack.window))
        >>> objective, gradient = pack.dream(noise.astype(np.float32), {"output": brass})
        >>> objective.shape, gradient.shape == (1, pack.window)
        ((1,), True)
    """

    def __init__(self, folder: str | Path, threads: int = 1, device: str = "cpu") -> None:
        """Read the manifest of the pack in `folder`.

        Args:
            folder: with `manifest.json` in it.
            threads: that one ONNX operator may use.
            device: "cpu", "cuda" for the first NVIDIA graphics card, "cuda:1" for the second, or
                "auto" for the first where it works.

        Raises:
            ModelError: where the folder is no pack that this Innerear can read.
            ParameterError: where the device does not work here.
        """
        self.folder = Path(folder)
        self.manifest: Manifest = read_manifest(self.folder)
        self._threads = threads
        self.device: Device = compute_device(device)
        self._layers = MappingProxyType({layer.name: layer for layer in self.manifest.layers})
        self._sessions: dict[tuple[str, int], Session] = {}
        self._opening = threading.Lock()

    def __repr__(self) -> str:
        """Show the name and where the pack lies."""
        return f"Pack({self.name!r}, {str(self.folder)!r})"

    @property
    def name(self) -> str:
        """The pack's name, as one types it."""
        return self.manifest.name

    @property
    def title(self) -> str:
        """The pack's name, as one shows it."""
        return self.manifest.title

    @property
    def sample_rate(self) -> int:
        """The rate the network listens at, in hertz."""
        return self.manifest.sample_rate

    @property
    def window(self) -> int:
        """Samples that the network takes at once."""
        return self.manifest.window

    @property
    def hop(self) -> int:
        """Samples between two windows when the network listens to a stream."""
        return self.manifest.hop

    @property
    def layers(self) -> Mapping[str, LayerInfo]:
        """Layer name -> its units, hop and receptive field, in network order."""
        return self._layers

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the units of the layer `output`."""
        return self.manifest.classes

    @property
    def fingerprint(self) -> str:
        """The checksum of the dream graph."""
        return self.manifest.files.get(DREAM_FILE, "")

    @property
    def has_templates(self) -> bool:
        """Whether the pack has spectral templates, which the drives `track` and `grains` need."""
        return TEMPLATES_FILE in self.manifest.files

    def hear(self, waveform: ArrayLike) -> dict[str, Float]:
        """Return every layer's activations.

        Args:
            waveform: [batch, window] (or [window]), full scale at 1, at `sample_rate`.

        Returns:
            layer -> float32 [batch, units, frames], in network order; where a layer has a
            frequency axis, the mean over it. `output` holds the class scores, 0..1.

        Raises:
            ModelError: for another shape, or a graph that was changed since the pack was made.
        """
        session, array = self._session(HEAR_FILE), as_waveform(waveform, self.window)
        found = session.run(None, {"waveform": array})
        names = [output.name for output in session.get_outputs()]
        heard, batch = dict(zip(names, found, strict=True)), len(array)
        check_found(heard, {name: (batch, each.units) for name, each in self._layers.items()})
        return {name: heard[name] for name in self._layers}

    def value_and_grad(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        """Return an objective, and its gradient with respect to the waveform.

        Args:
            waveform: [batch, window] (or [window]), full scale at 1, at `sample_rate`.
            directions: layer -> weights of its units, [units] or [batch, units]; layers left
                out count as zero. On `output` they weigh the scores before the last
                non-linearity.
            rule: how a ReLU with input f passes g backwards: "gradient" g * (f > 0), "deconv"
                g * (g > 0), the deconvolution network of Zeiler & Fergus, 2014; "guided" both,
                the guided back-propagation of Springenberg et al., 2015.

        Returns:
            objective [batch], the sum over layers of <direction, activation averaged over
            frames>, and its gradient [batch, window].

        Raises:
            ModelError: for a layer or a shape that it does not have, or for want of memory.
            ParameterError: for an unknown rule.
        """
        found = self._dreamed(["objective", "gradient"], waveform, directions, rule)
        return found["objective"], found["gradient"]

    def dream(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        """Return what `value_and_grad` returns: its name in the terms of Deep Dream."""
        return self.value_and_grad(waveform, directions, rule)

    def value_grad_and_activations(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float, Activations]:
        """Return what `value_and_grad` does, and the activations at the same point.

        Args:
            waveform: see `value_and_grad`, as the others and the errors.
            directions: layer -> weights of its units.
            rule: how a ReLU is passed backwards.

        Returns:
            objective [batch], gradient [batch, window], and layer -> activation averaged over
            frames, [batch, units]; for `output` the mean score.
        """
        means = {name: ACTIVATION_PREFIX + name for name in self._layers}
        names = ["objective", "gradient", *means.values()]
        found = self._dreamed(names, waveform, directions, rule)
        activations = {name: found[mean] for name, mean in means.items()}
        return found["objective"], found["gradient"], activations

    def _dreamed(
        self,
        names: list[str],
        waveform: ArrayLike,
        directions: Mapping[str, ArrayLike],
        rule: Rule,
    ) -> dict[str, Float]:
        """Run the dream graph; return the results of these names."""
        array = as_waveform(waveform, self.window)
        check_layers(directions, self._layers)
        feeds: dict[str, Any] = {"waveform": array, "rule": np.array(rule_number(rule), np.int64)}
        for name, layer in self._layers.items():
            direction = directions.get(name, _zeros(layer))
            feeds[DIRECTION_PREFIX + name] = as_direction(direction, layer, len(array))
        found = dict(zip(names, self._session(DREAM_FILE).run(names, feeds), strict=True))
        shapes = dream_results(len(array), self.window, self._layers)
        check_found(found, {name: shapes[name] for name in names})
        return found

    def single_threaded(self) -> "Pack":
        """Return the pack with one thread for each operator.

        For callers that share batches out among threads themselves: that scales better.
        """
        return self if self._threads == 1 else Pack(self.folder, 1, self.device)

    def gradient_source(self, budget_seconds: float | None = None) -> OnnxGradientSource:
        """Open the dream graph for a stream: one thread, one window at a time.

        Args:
            budget_seconds: of no effect; see `PackLike.gradient_source`.
        """
        return OnnxGradientSource(self)

    def hear_session(self, threads: int | None = None) -> HearRunner:
        """Return a runner of the hear graph for one thread that calls it again and again."""
        return HearRunner(self._session(HEAR_FILE, threads), self.window, self._layers)

    def gradient_session(self, threads: int | None = None) -> GradientRunner:
        """Return a runner of the dream graph for one thread that calls it again and again."""
        return GradientRunner(self._session(DREAM_FILE, threads), self.window, self._layers)

    def auraliser(self, threads: int | None = None) -> Auraliser:
        """Open the graph that auralises.

        Raises:
            ModelError: the pack has none: an Innerear before it had them made the pack.
        """
        if AURALISE_FILE not in self.manifest.files:
            raise ModelError(
                f"The pack {self.name!r} has no {AURALISE_FILE}, which auralising needs; export"
                " or train it again, or install innerear[torch], which makes one where it can."
            )
        return Auraliser(self._session(AURALISE_FILE, threads), self.window, self._layers)

    def templates(self) -> dict[str, Float]:
        """Return each unit's spectral template, the spectrum of its maximising waveform.

        Returns:
            layer -> float32 [units, 513], magnitudes from 0 Hz to half the sample rate.

        Raises:
            ModelError: where the pack has none, or not these.
        """
        path = self.folder / TEMPLATES_FILE
        return unit_rows(path, self.read(TEMPLATES_FILE), self._layers, TEMPLATE_BINS)

    def read(self, file: str) -> bytes:
        """Return the content of one of the pack's files, after a look at its checksum.

        Args:
            file: its name. A graph is given whole, also where its tensors are in a file of their
                own.

        Raises:
            ModelError: where it is not in the manifest, missing, a link, or changed.
        """
        return read_file(self.folder, self.manifest, file)

    def _session(self, file: str, threads: int | None = None) -> Session:
        """Return the graph's session, opened when first asked for, by whichever thread.

        Any number of threads may run it at once, each with memory of its own.
        """
        wanted = threads or self._threads
        with self._opening:
            if (file, wanted) not in self._sessions:
                self._sessions[file, wanted] = self.open(file, wanted)
            return self._sessions[file, wanted]

    def open(self, file: str, threads: int | None = None) -> Session:
        """Open one of the pack's graphs in a session of its own.

        Args:
            file: "hear.onnx", "dream.onnx" or "auralise.onnx".
            threads: that one operator may use; by default as many as the pack was loaded with.

        Returns:
            a session.

        Raises:
            ModelError: where the file was changed, is one that `check_graph` refuses, or does not
                run.
        """
        # The very bytes that were checked are run: nothing can be exchanged in between.
        content = self.read(file)
        try:
            check_graph(content)
            return open_session(content, threads or self._threads, self.device)
        except ModelError as error:
            raise ModelError(f"{self.folder / file}: {error}") from None


def user_folder() -> Path:
    """Return the folder that the user's own packs are kept in; it need not exist yet."""
    import platformdirs

    return platformdirs.user_data_path("innerear", appauthor=False) / "models"


def available_packs() -> dict[str, Path]:
    """Return the name and folder of every pack, shipped ones first, then the user's.

    A user's pack never hides a shipped one of the same name.
    """
    found: dict[str, Path] = {}
    for root in (SHIPPED_FOLDER, user_folder()):
        for folder in list_folder(root):
            if (folder / MANIFEST_FILE).is_file():
                found.setdefault(folder.name, folder)
    return found


def load_pack(name_or_folder: str | Path, threads: int = 1, device: str = "cpu") -> Pack:
    """Load one pack by its name, or from a folder.

    Args:
        name_or_folder: of a shipped pack, of one that the user added, or a path.
        threads: that one ONNX operator may use.
        device: "cpu", "cuda" for the first NVIDIA graphics card, "cuda:1" for the second, or "auto"
            for the first where it works.

    Raises:
        ModelError: where there is no such pack; the message lists the most likely names.
        ParameterError: where the device does not work here.

    Examples:
        >>> from innerear.engine.packs.pack import load_pack
        >>> pack = load_pack("samplecnn-digits")
        >>> pack.sample_rate, list(pack.layers)[-1], pack.classes[0]
        (16000, 'output', 'zero')
    """
    packs = available_packs()
    if isinstance(name_or_folder, str) and name_or_folder in packs:
        return Pack(packs[name_or_folder], threads, device)
    folder = Path(name_or_folder)
    if names_folder(folder):
        return Pack(folder, threads, device)
    if isinstance(name_or_folder, Path) or len(folder.parts) > 1:
        raise ModelError(f"There is no folder {name_or_folder}.")
    if add := how_to_add(name_or_folder):
        raise ModelError(f"The model {name_or_folder!r} is not added yet; do so with: {add}")
    if "," in name_or_folder:
        raise ModelError(f"{name_or_folder!r} is several networks: name one of them here.")
    suggestion = nearest(name_or_folder, packs) if packs else "No packs are installed."
    raise ModelError(f"There is no model {name_or_folder!r}. {suggestion}")


def _zeros(layer: LayerInfo) -> Float:
    return np.zeros(layer.units, np.float32)


if TYPE_CHECKING:  # proof for the type checker
    _pack_like: type[PackLike] = Pack
    _gradient_source: type[GradientSource] = OnnxGradientSource
