"""The dialog for presets."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from innerear.engine.control.presets import available_presets, load_preset
from innerear.gui.dialogs.presets import PresetBrowser
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController

LEFT = Qt.MouseButton.LeftButton


def test_presets_are_found_played_and_saved(
    window: MainWindow, controller: ParameterController
) -> None:
    window.dialogs.open("presets")
    browser = window.dialogs.dialog("presets")
    assert isinstance(browser, PresetBrowser)
    QTest.keyClicks(browser.search, "tunnel")
    shown = [row for row in range(browser.list.count()) if not browser.list.item(row).isHidden()]
    assert len(shown) == 1
    browser.list.setCurrentRow(shown[0])
    QTest.mouseClick(browser.play_button, LEFT)
    wanted = load_preset("tunnel-drone").values()
    assert {id: controller.parameters[id] for id in wanted} == wanted
    controller.change({"mix": 0.25})
    browser.search.clear()
    assert browser.save("My tunnel")
    assert load_preset("my-tunnel").values()["mix"] == 0.25
    assert browser.chosen == "my-tunnel"
    assert browser.delete_button.isEnabled()
    browser.delete()
    assert "my-tunnel" not in available_presets()
