"""The network's view, its classes and the inspector, bound to model, layer and target."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ...engine.arrays import Float
from ...engine.live.live_status import LiveStatus
from ...engine.packs.manifest import OUTPUT_LAYER
from ..controls.binding import follow
from ..jobs.background import in_background
from ..state.parameter_controller import TURNS, ParameterController
from . import aim
from .aim_bar import AimBar
from .aim_words import in_words
from .classes import Classes
from .inspector import Inspector
from .picture import Picture
from .view import NetworkView

_SPECTRUM_LINES = 17
"""Lines of text in the panel's height, from which there is room for the unit's spectrum."""


class NetworkPanel(QWidget):
    """Shows what the network hears; the user chooses what it dreams of."""

    aimed = Signal(list)
    """The layers that are dreamed of, or whose units are."""
    hear = Signal(str, int)
    """A unit that the user wants to hear."""

    def __init__(self, controller: ParameterController, parent: QWidget | None = None) -> None:
        """Show no network until `begin`.

        Args:
            controller: whose network is shown, and whose parameters are set.
            parent: the widget that holds the panel.
        """
        super().__init__(parent)
        self._controller = controller
        self._loading = ""
        self.view, self.classes, self.inspector = NetworkView(), Classes(), Inspector()
        self.demo = QPushButton("Play the demo sound")
        """Over the picture, which is empty while nothing plays."""
        self.demo.hide()
        over = QVBoxLayout(self.view)
        over.addWidget(self.demo, 0, Qt.AlignmentFlag.AlignCenter)
        side = QFrame()
        side.setProperty("panel", True)
        column = QVBoxLayout(side)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.classes, 5)
        column.addWidget(self.inspector, 2)
        self._side = side
        self.aim_bar = AimBar()
        left = QVBoxLayout()
        left.setSpacing(3)
        left.addWidget(self.aim_bar)
        left.addWidget(self.view, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(left, 1)
        row.addWidget(side)
        self.set_side_width()
        self._connect()

    @property
    def picture(self) -> Picture:
        """The network that is shown."""
        return self.view.picture

    def begin(self) -> None:
        """Load the picture of the network on a thread, and follow the parameters from now on."""
        for id in ("model", "layer", "target", "target_sound"):
            follow(self, self._controller.parameters, id, lambda value: self._follow_parameters())

    def show_activations(self, activations: Mapping[str, Float]) -> None:
        """Show the newest activations, layer -> (units,)."""
        self.view.show_activations(activations)
        if OUTPUT_LAYER in activations:
            self.classes.show_scores(activations[OUTPUT_LAYER])

    def show_status(self, status: LiveStatus | None, starting: bool) -> None:
        """Fade out while nothing plays, and offer a sound unless it is being started."""
        self.demo.setVisible(status is None and not starting)
        if status is None:
            self.view.show_activations({})

    def set_stage(self, stage: bool) -> None:
        """Hide what is not used on stage, or show everything."""
        self.inspector.setVisible(not stage)
        self.set_side_width()

    def set_side_width(self) -> None:
        """Make room for the names at the present size of type."""
        line = self.fontMetrics().height()
        self._side.setFixedWidth(line * 15)
        self.inspector.setMaximumHeight(line * 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the room of the unit's spectrum to the classes where there is little."""
        super().resizeEvent(event)
        self.inspector.show_picture(self.height() > _SPECTRUM_LINES * self.fontMetrics().height())

    def _connect(self) -> None:
        view, classes = self.view, self.classes
        view.layer_chosen.connect(self._choose_layer)
        view.layer_weighed.connect(self._weigh)
        view.unit_chosen.connect(self._choose_unit)
        view.unit_opened.connect(self.hear)
        view.unit_pointed.connect(self._inspect)
        classes.chosen.connect(self._choose_class)
        classes.opened.connect(lambda unit: self.hear.emit(OUTPUT_LAYER, unit))
        self.aim_bar.chosen.connect(self._choose_target)

    def _follow_parameters(self) -> None:
        controller = self._controller
        pack = controller.pack
        if pack.name not in (self.picture.name, self._loading):
            self._loading = pack.name
            in_background(lambda: Picture.of(pack), self._show_picture, self._show_problem)
        elif pack.name == self.picture.name:
            self._loading = ""  # back to what is shown: another that is drawn now is not wanted
        self._show_aim()

    def _show_picture(self, picture: object) -> None:
        assert isinstance(picture, Picture)
        if picture.name == self._loading:
            self._loading = ""
        if picture.name != self._controller.pack.name:  # another model was chosen in the meantime
            return
        self.view.show_picture(picture)
        self.classes.show_classes(picture.classes)
        self._show_aim()
        self._inspect(*self._aimed_unit())

    def _show_problem(self, line: str) -> None:
        self._loading = ""
        self._controller.show_message(line)

    def _show_aim(self) -> None:
        layers, classes = self.picture.layers, self.picture.classes
        layer, target = (self._controller.parameters.text(id) for id in ("layer", "target"))
        units = aim.aimed_units(layers, classes, layer, target) if layers else {}
        chosen = aim.aimed_layers(layers, layer)
        self.view.show_aim(chosen, units)
        self.aimed.emit(list(units or chosen))
        sound = self._controller.parameters.text("target_sound")
        self.aim_bar.show_aim(in_words(layers, classes, layer, target, sound), classes, target)
        named = units.get(OUTPUT_LAYER, {})
        self.classes.show_aim([classes[unit] for unit in named if unit < len(classes)])

    def _aimed_unit(self) -> tuple[str, int]:
        """Return a unit that is dreamed of; if there is none, one of the last layer."""
        layer, target = (self._controller.parameters.text(id) for id in ("layer", "target"))
        found = aim.aimed_units(self.picture.layers, self.picture.classes, layer, target)
        for name, units in found.items():
            return name, next(iter(units))
        return OUTPUT_LAYER, 0

    def _inspect(self, layer: str, unit: int) -> None:
        self.inspector.show_unit(self.picture, layer, unit)

    def _change(self, words: Mapping[str, str], text: str, gesture: int | None = None) -> None:
        self._controller.attempt(lambda: self._controller.change(words, text, gesture))

    def _choose_layer(self, name: str, add: bool) -> None:
        layer, target = (self._controller.parameters.text(id) for id in ("layer", "target"))
        words = aim.choose_layer(self.picture.layers, layer, target, name, add)
        self._change(words, f"dream of {words['layer']}")

    def _weigh(self, name: str, change: float) -> None:
        layer = self._controller.parameters.text("layer")
        self._change(
            aim.weigh_layer(self.picture.layers, layer, name, change), f"weight of {name}", TURNS
        )

    def _choose_target(self, words: Mapping[str, str]) -> None:
        self._change(words, f"dream of {words['target']}")

    def _choose_unit(self, layer: str, unit: int, add: bool) -> None:
        target = self._controller.parameters.text("target")
        words = aim.choose_unit(self.picture.classes, target, layer, unit, add)
        self._change(words, f"dream of {words['target']}")

    def _choose_class(self, unit: int, add: bool) -> None:
        self._inspect(OUTPUT_LAYER, unit)
        self._choose_unit(OUTPUT_LAYER, unit, add)
