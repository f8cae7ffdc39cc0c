"""Changes by the user can be undone; a drag is one step."""

from innerear.engine.defaults import LIVE_PACK
from innerear.engine.parameters import PARAMETERS
from innerear.gui.state.parameter_controller import TURNS, ParameterController, new_gesture
from innerear.gui.state.undo import SAME_SECONDS, UndoHistory


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def history_of(controller: ParameterController) -> tuple[UndoHistory, Clock]:
    clock = Clock()
    return UndoHistory(controller, clock), clock


def test_a_change_is_undone_and_redone(controller: ParameterController) -> None:
    history, _ = history_of(controller)
    controller.change({"mix": 0.3})
    history.undo()
    assert controller.parameters["mix"] == PARAMETERS["mix"].default
    history.redo()
    assert controller.parameters["mix"] == 0.3
    assert history.undo_text == "Mix"


def test_a_drag_is_one_step_however_long_it_takes(controller: ParameterController) -> None:
    history, clock = history_of(controller)
    gesture = new_gesture()
    for value in (0.9, 0.6, 0.2):
        clock.now += 5
        controller.change({"mix": value}, gesture=gesture)
    assert len(history) == 1
    history.undo()
    assert controller.parameters["mix"] == 1.0


def test_two_drags_are_two_steps(controller: ParameterController) -> None:
    history, _ = history_of(controller)
    controller.change({"mix": 0.5}, gesture=new_gesture())
    controller.change({"mix": 0.2}, gesture=new_gesture())
    assert len(history) == 2


def test_notches_in_a_row_are_one_step(controller: ParameterController) -> None:
    history, clock = history_of(controller)
    for value in (0.9, 0.8, 0.7):
        clock.now += SAME_SECONDS / 2
        controller.change({"mix": value}, gesture=TURNS)
    controller.change({"step": 0.5})
    clock.now += 2 * SAME_SECONDS
    controller.change({"mix": 0.1}, gesture=TURNS)
    assert len(history) == 3
    history.undo()
    assert controller.parameters["mix"] == 0.7


def test_two_values_are_two_steps_however_fast_they_come(controller: ParameterController) -> None:
    history, _ = history_of(controller)
    controller.change({"mix": 0.5})
    controller.change({"mix": 0.2})
    assert len(history) == 2
    history.undo()
    assert controller.parameters["mix"] == 0.5


def test_what_follows_by_itself_is_not_recorded(controller: ParameterController) -> None:
    """A morph, a controller or another client may change something at the same moment."""
    history, _ = history_of(controller)
    end = controller.parameters.observe(
        lambda id, value: controller.parameters.set("step", 0.5) if id == "mix" else None
    )
    controller.change({"mix": 0.3})
    end()
    controller.apply({"bypass": True})  # as a replay does
    assert len(history) == 1
    assert history.undo_text == "Mix"
    history.undo()
    assert (controller.parameters["mix"], controller.parameters["step"]) == (1.0, 0.5)
    controller.parameters.set("bypass", False)


def test_a_preset_is_one_step(controller: ParameterController) -> None:
    history, _ = history_of(controller)
    before = controller.parameters.as_dict()
    controller.play_preset("brass-halo")
    assert controller.parameters["target"] == "Brass"
    assert len(history) == 1
    history.undo()
    assert controller.parameters.as_dict() == before


def test_a_model_with_its_layer_and_target_is_one_step(controller: ParameterController) -> None:
    history, _ = history_of(controller)
    controller.change({"target": "Brass", "layer": "conv5"})
    controller.change({"model": "samplecnn-digits"})
    assert controller.parameters["target"] == "auto"
    history.undo()
    assert controller.parameters["model"] == LIVE_PACK
    assert controller.parameters["target"] == "Brass"
    assert controller.pack.name == LIVE_PACK


def test_changes_by_other_clients_are_not_recorded(controller: ParameterController) -> None:
    history, _ = history_of(controller)
    controller.parameters.set("mix", 0.4)
    assert len(history) == 0


def test_a_change_after_an_undo_ends_what_could_be_redone(controller: ParameterController) -> None:
    history, _ = history_of(controller)
    controller.change({"mix": 0.3})
    history.undo()
    assert history.can_redo
    assert history.redo_text == "Mix"
    controller.change({"step": 0.5})
    assert not history.can_redo
    history.redo()  # does nothing
    assert controller.parameters["step"] == 0.5
    assert len(history) == 1


def test_an_observer_is_called_at_once_and_until_it_ends(controller: ParameterController) -> None:
    history, _ = history_of(controller)
    texts: list[str] = []
    end = history.observe(lambda: texts.append(history.undo_text))
    controller.change({"mix": 0.3})
    history.undo()
    end()
    history.redo()
    assert texts == ["", "Mix", ""]
