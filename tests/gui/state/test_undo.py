"""What is turned by hand can be undone; a drag is one step."""

from PySide6.QtGui import QUndoStack

from innerear.engine.parameters import PARAMETERS
from innerear.gui.state.parameter_controller import ParameterController, new_gesture
from innerear.gui.state.undo import SAME_SECONDS, undo_stack


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def stack_of(controller: ParameterController) -> tuple[QUndoStack, Clock]:
    clock = Clock()
    return undo_stack(controller, clock), clock


def test_a_turn_is_undone_and_redone(controller: ParameterController) -> None:
    stack, _ = stack_of(controller)
    controller.turn({"mix": 0.3})
    stack.undo()
    assert controller.parameters["mix"] == PARAMETERS["mix"].default
    stack.redo()
    assert controller.parameters["mix"] == 0.3
    assert stack.undoText() == "Mix"


def test_a_drag_is_one_step_however_long_it_takes(controller: ParameterController) -> None:
    stack, clock = stack_of(controller)
    gesture = new_gesture()
    for value in (0.9, 0.6, 0.2):
        clock.now += 5
        controller.turn({"mix": value}, gesture=gesture)
    assert stack.count() == 1
    stack.undo()
    assert controller.parameters["mix"] == 1.0


def test_two_drags_are_two_steps(controller: ParameterController) -> None:
    stack, _ = stack_of(controller)
    controller.turn({"mix": 0.5}, gesture=new_gesture())
    controller.turn({"mix": 0.2}, gesture=new_gesture())
    assert stack.count() == 2


def test_notches_in_a_row_are_one_step(controller: ParameterController) -> None:
    stack, clock = stack_of(controller)
    for value in (0.9, 0.8, 0.7):
        clock.now += SAME_SECONDS / 2
        controller.turn({"mix": value})
    controller.turn({"step": 0.5})
    clock.now += 2 * SAME_SECONDS
    controller.turn({"mix": 0.1})
    assert stack.count() == 3
    stack.undo()
    assert controller.parameters["mix"] == 0.7


def test_a_preset_is_one_step(controller: ParameterController) -> None:
    stack, _ = stack_of(controller)
    before = controller.parameters.as_dict()
    controller.play_preset("brass-halo")
    assert controller.parameters["target"] == "Brass"
    assert stack.count() == 1
    stack.undo()
    assert controller.parameters.as_dict() == before


def test_a_model_with_its_words_is_one_step(controller: ParameterController) -> None:
    stack, _ = stack_of(controller)
    controller.turn({"target": "Brass", "layer": "conv8"})
    controller.turn({"model": "samplecnn-digits"})
    assert controller.parameters["target"] == "auto"
    stack.undo()
    assert controller.parameters["model"] == "samplecnn-instruments"
    assert controller.parameters["target"] == "Brass"
    assert controller.pack.name == "samplecnn-instruments"


def test_what_others_turn_is_not_recorded(controller: ParameterController) -> None:
    stack, _ = stack_of(controller)
    controller.parameters.set("mix", 0.4)
    assert stack.count() == 0
