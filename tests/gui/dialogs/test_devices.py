"""The dialog for the sound devices."""

from pytestqt.qtbot import QtBot

from innerear.gui.dialogs.devices import DeviceDialog
from innerear.gui.state.settings import WindowSettings


def test_devices_are_applied_without_a_restart(qtbot: QtBot) -> None:
    devices = [
        {"name": "Box", "host_api": "ALSA", "inputs": 2, "outputs": 0},
        {"name": "Speakers", "host_api": "ALSA", "inputs": 0, "outputs": 2},
    ]
    applied: list[WindowSettings] = []

    def apply(settings: WindowSettings, done, failed) -> None:
        applied.append(settings)
        failed("It is in use.")

    dialog = DeviceDialog(WindowSettings(), apply, find=lambda: devices)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.input.count() == 2)
    dialog.input.setCurrentIndex(dialog.input.findData("Box"))
    dialog.rate.setCurrentIndex(dialog.rate.findData(44_100))
    assert dialog.output.findData("Box") < 0
    dialog.apply_button.click()
    assert (applied[0].input_device, applied[0].sample_rate) == ("Box", 44_100)
    assert dialog.words.text() == "It is in use."
    assert dialog.apply_button.isEnabled()


def test_a_sidechain_is_chosen_and_shown_again(qtbot: QtBot) -> None:
    applied: list[WindowSettings] = []
    for kept, shown in (
        ((), "none"),
        ((3, 4), "channels 3 and 4"),
        ((2, 5), "channels 2 and 5"),
    ):
        dialog = DeviceDialog(
            WindowSettings(sidechain=kept), lambda settings, *_: applied.append(settings)
        )
        qtbot.addWidget(dialog)
        assert dialog.sidechain.currentText() == shown
        dialog.apply()
        assert applied[-1].sidechain == kept
    dialog.sidechain.setCurrentText("channel 1")
    dialog.apply()
    assert applied[-1].sidechain == (1,)
