"""The panel of knobs follows the declarations of the parameters."""

import subprocess
import sys

from innerear.engine.parameters import PARAMETERS
from innerear.gui.main_window import MainWindow
from innerear.gui.state.groups import choices, knob_groups

NEW_PARAMETERS = """
from innerear.engine import parameters
from innerear.engine.parameter import Parameter

for new in (
    Parameter("shimmer", "Shimmer", "How it shimmers.", "number", 0.0, 0.0, 1.0, group="Loop",
              on_stage=True),
    Parameter("shape", "Shape", "Its shape.", "choice", "round", choices=("round", "flat"),
              group="Method"),
    Parameter("sparkle", "Sparkle", "Sparkle.", "switch", False, group="Performance"),
):
    parameters.PARAMETERS[new.id] = new

from PySide6.QtWidgets import QApplication
from innerear.engine.live.session import Session
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController
from innerear.gui.state.settings import WindowSettings

application = QApplication([])
with Session() as session:
    controller = ParameterController(session)
    window = MainWindow(controller, WindowSettings())
    window._begun = True
    window.show()
    knob, choice = window.knobs.knobs["shimmer"], window.knobs.choices["shape"]
    switch = window.top.switches["sparkle"]
    order = list(window.knobs.knobs)
    assert order.index("shimmer") == order.index("tempo_bpm") + 1
    knob.changed.emit(0.75, 0)
    choice.setCurrentIndex(choice.findData("flat"))
    choice.activated.emit(choice.currentIndex())
    switch.click()
    values = session.parameters
    assert (values["shimmer"], values["shape"], values["sparkle"]) == (0.75, "flat", True)
    values.set("shimmer", 0.25)
    assert knob.text == "0.25"
    assert knob.isVisible() and choice.isVisible() and switch.isVisible()
    window.set_stage(True)
    assert knob.isVisible() and not choice.isVisible()
    window.stop_and_quit()
print("shown")
"""


def test_a_parameter_appears_by_being_declared() -> None:
    command = [sys.executable, "-c", NEW_PARAMETERS]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout == "shown\n", done.stderr


def test_the_groups_are_those_of_the_declarations() -> None:
    groups = {group: [each.id for each in members] for group, members in knob_groups().items()}
    assert list(groups) == ["Dream", "Loop", "Level"]
    assert groups["Dream"][:3] == ["step", "range_db", "colour"], "those that lead come first"
    for group, ids in groups.items():
        declared = [each for each in PARAMETERS.values() if each.group == group]
        knobs = [each.id for each in declared if each.kind in ("number", "duration")]
        assert sorted(ids) == sorted(knobs)
        behind = [id for id in ids if not PARAMETERS[id].leads]
        assert behind == [id for id in knobs if id in behind], "in the order of declaration"
    lists = ("choice", "integer choice")
    assert [each.id for each in choices()][:3] == ["drive", "parameterisation", "combine"]
    assert {each.id for each in choices()} == {
        each.id for each in PARAMETERS.values() if each.kind in lists
    }


def test_the_stage_shows_what_is_declared_for_it(window: MainWindow) -> None:
    window.set_stage(True)
    shown = [id for id, knob in window.knobs.knobs.items() if knob.isVisible()]
    assert shown == ["step", "range_db", "colour", "feedback", "delay_ms", "mix", "output_db"]
