"""The dialog for presets."""

import json
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from innerear.engine.control.favourites import favourite_presets
from innerear.engine.control.presets import (
    available_presets,
    load_preset,
    playable_problem,
    user_folder,
)
from innerear.gui.dialogs import presets
from innerear.gui.dialogs.presets import PresetBrowser
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController
from innerear.gui.style.theme import FAINT, color

from ...waiting import wait_until

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def browser(window: MainWindow, qtbot: QtBot) -> PresetBrowser:
    window.dialogs.open("presets")
    found = window.dialogs.dialog("presets")
    assert isinstance(found, PresetBrowser)
    found.activateWindow()
    wait_until(qtbot, found.search.hasFocus)
    return found


def shown(browser: PresetBrowser) -> list[str]:
    """Return the lines that are listed."""
    items = (browser.list.item(row) for row in range(browser.list.count()))
    return [item.text() for item in items if not item.isHidden()]


def test_typing_and_enter_play_the_hit(
    browser: PresetBrowser, controller: ParameterController
) -> None:
    assert browser.chosen == "bass-below"  # nothing plays yet: the first
    QTest.keyClicks(browser.focusWidget(), "tunnel")
    assert len(shown(browser)) == 1
    assert browser.chosen == "tunnel-drone"
    QTest.keyClick(browser.focusWidget(), Qt.Key.Key_Return)
    assert controller.preset == "tunnel-drone"
    wanted = load_preset("tunnel-drone").values()
    assert {id: controller.parameters[id] for id in wanted} == wanted
    # The arrows move the selection while the field has the focus.
    browser.search.setText("organ")
    assert shown(browser) == ["16  Organ of partials", "23  Template organ"]
    QTest.keyClick(browser.search, Qt.Key.Key_Down)
    assert browser.chosen == "template-organ"
    browser.search.setText("no such preset")
    assert browser.chosen == ""
    QTest.keyClick(browser.search, Qt.Key.Key_Return)
    assert controller.preset == "tunnel-drone"


def test_the_selection_follows_what_is_played_elsewhere(
    browser: PresetBrowser, window: MainWindow, controller: ParameterController
) -> None:
    controller.play_preset("struck-glass")
    window.status_poller.poll()
    assert browser.chosen == "struck-glass"
    window.actions_["next-preset"].trigger()
    window.status_poller.poll()
    assert browser.chosen == "template-organ"


def test_what_cannot_be_played_is_grey_and_its_model_is_offered(
    browser: PresetBrowser, window: MainWindow, controller: ParameterController
) -> None:
    assert playable_problem("birds-answer") == "needs the model yamnet"
    browser.search.setText("birds")
    (line,) = shown(browser)
    assert line.endswith("needs the model yamnet")
    assert browser.list.currentItem().foreground().color() == color(FAINT)
    assert browser.play_button.text() == "Add YAMNet …"
    assert not browser.to_a.isEnabled()
    QTest.keyClick(browser.search, Qt.Key.Key_Return)
    assert window.dialogs.dialog("models").isVisible()
    assert controller.preset == ""
    browser.search.clear()
    browser.choose("brass-halo")
    assert browser.play_button.text() == "Play"


def test_a_preset_is_saved_renamed_tagged_liked_and_deleted(
    browser: PresetBrowser, window: MainWindow, controller: ParameterController
) -> None:
    shipped = len(shown(browser))
    controller.change({"mix": 0.25})
    assert browser.save("My <b>tunnel</b>")
    assert browser.chosen == "my-b-tunnel-b"
    assert shown(browser)[-1].startswith(f"{shipped + 1}  My <b>")  # behind the shipped ones
    assert "My <b>tunnel</b>" in browser.words.toPlainText()
    QTest.mouseClick(browser.favourite, LEFT)
    assert browser.rename(browser.chosen, "My tunnel")
    assert browser.chosen == "my-tunnel"
    assert load_preset("my-tunnel").values()["mix"] == 0.25
    assert "my-b-tunnel-b" not in available_presets()
    assert favourite_presets() == {"my-tunnel"}
    assert browser.tag(browser.chosen, "dark, low , ")
    assert load_preset("my-tunnel").tags == ("dark", "low")
    browser.search.setText("dark tunnel")
    assert len(shown(browser)) == 2  # the shipped one is dark by its description
    browser.search.clear()
    for which, count in (("Favourites", 1), ("Yours", 1), ("low", 1), ("All presets", shipped + 1)):
        browser.which.setCurrentText(which)
        browser.which.activated.emit(browser.which.currentIndex())
        assert len(shown(browser)) == count, which
    browser.choose("brass-halo")
    assert not browser.rename_button.isEnabled()
    browser.choose("my-tunnel")
    assert browser.delete_button.isEnabled()
    browser.delete(browser.chosen)
    assert "my-tunnel" not in available_presets()


def test_a_damaged_preset_is_listed_as_such(browser: PresetBrowser) -> None:
    user_folder().mkdir(parents=True)
    (user_folder() / "broken.json").write_text(json.dumps({"schema_version": 1}))
    browser.refresh()
    assert shown(browser)[-1].endswith("yours, is damaged")
    browser.choose("broken")
    assert not browser.play_button.isEnabled()
    assert browser.delete_button.isEnabled()


def test_while_a_question_is_open_another_may_be_played(
    browser: PresetBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program change comes: what was asked about is what is changed."""

    def interrupted(answer: object) -> Callable[..., object]:
        def ask(*_: object) -> object:
            browser.choose("two")
            return answer

        return ask

    for title in ("One", "Two"):
        assert browser.save(title)
    browser.choose("one")
    monkeypatch.setattr(presets.QInputDialog, "getText", interrupted(("low", True)))
    browser._ask_and_tag()
    assert (load_preset("one").tags, load_preset("two").tags) == (("low",), ())
    browser.choose("one")
    monkeypatch.setattr(presets.QInputDialog, "getText", interrupted(("Uno", True)))
    browser._ask_and_rename()
    assert {"uno", "two"} <= available_presets().keys()
    browser.choose("uno")
    monkeypatch.setattr(presets, "agrees", interrupted(True))
    browser._ask_and_delete()
    assert "two" in available_presets()
    assert "uno" not in available_presets()


def test_what_is_replaced_keeps_its_tags(
    browser: PresetBrowser, controller: ParameterController
) -> None:
    assert browser.save("Mine")
    assert browser.tag("mine", "dark")
    controller.change({"mix": 0.125})
    assert browser.save("Mine", replace=True)
    assert load_preset("mine").values()["mix"] == 0.125
    assert load_preset("mine").tags == ("dark",)
