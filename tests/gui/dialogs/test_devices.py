"""The dialog for the sound devices."""

import threading

from pytestqt.qtbot import QtBot

from innerear.gui.dialogs.devices import DeviceDialog
from innerear.gui.state.settings import WindowSettings, load_settings, save_settings

from ...waiting import wait_until


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
    dialog.refresh()
    wait_until(qtbot, lambda: dialog.input.count() == 2)
    dialog.input.setCurrentIndex(dialog.input.findData("Box"))
    dialog.rate.setCurrentIndex(dialog.rate.findData(44_100))
    assert dialog.output.findData("Box") < 0
    dialog.apply_button.click()
    assert (applied[0].input_device, applied[0].sample_rate) == ("Box", 44_100)
    assert dialog.words.text() == "It is in use."
    assert dialog.apply_button.isEnabled()


def test_each_opening_looks_for_devices_and_keeps_what_was_chosen_meanwhile(qtbot: QtBot) -> None:
    looked: list[threading.Event] = []
    devices: list[dict[str, object]] = []

    def find() -> list[dict[str, object]]:
        looked.append(threading.Event())
        if len(looked) < 3:
            looked[-1].wait(10)
        return list(devices)

    dialog = DeviceDialog(WindowSettings(input_device="Gone"), lambda *_: None, find=find)
    qtbot.addWidget(dialog)
    dialog.refresh()
    wait_until(qtbot, lambda: len(looked) == 1)
    looked[0].set()
    wait_until(qtbot, lambda: "No sound device was found" in dialog.words.text())
    devices.append({"name": "Box", "host_api": "ALSA", "inputs": 2, "outputs": 2})
    dialog.refresh()
    assert dialog.words.text() == "Looking for devices …"
    dialog.rate.setCurrentIndex(dialog.rate.findData(96_000))
    dialog.input.setCurrentIndex(dialog.input.findData(None))
    wait_until(qtbot, lambda: len(looked) == 2)
    looked[1].set()
    wait_until(qtbot, lambda: dialog.output.count() == 2)
    assert dialog.words.text() == ""
    assert (dialog.rate.currentData(), dialog.input.currentData()) == (96_000, None)
    dialog.refresh()
    assert (dialog.rate.currentData(), dialog.input.currentData()) == (None, "Gone")


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


def test_a_patch_bay_may_connect_the_ports_of_jack(qtbot: QtBot) -> None:
    applied: list[bool] = []
    dialog = DeviceDialog(WindowSettings(), lambda settings, *_: applied.append(settings.connect))
    qtbot.addWidget(dialog)
    dialog.apply()
    dialog.connect_ports.setCurrentText("leave to a patch bay")
    dialog.apply()
    assert applied == [True, False]


def test_devices_of_different_host_apis_are_told_apart(qtbot: QtBot) -> None:
    def device(index: int, name: str, api: str, inputs: int, outputs: int) -> dict:
        flags = ("is_default", "is_host_default")
        sides = {f"{flag}_{side}": False for flag in flags for side in ("input", "output")}
        counts = {"inputs": inputs, "outputs": outputs}
        return {"index": index, "name": name, "host_api": api, **counts, **sides}

    devices = [
        device(0, "Mic", "MME", 2, 0),
        device(1, "Speakers", "MME", 0, 2),
        device(2, "Mic", "WASAPI", 2, 0),
        device(3, "Headphones", "WASAPI", 0, 2),
        device(4, "Line", "ALSA", 2, 0),
    ]
    dialog = DeviceDialog(WindowSettings(input_device="Mic"), lambda *_: None, find=lambda: devices)
    qtbot.addWidget(dialog)
    dialog.refresh()
    wait_until(qtbot, lambda: dialog.input.count() == 4)
    assert dialog.input.currentText() == "Mic  (MME)"  # as stored when there was one of the name

    def choose(box, name: str) -> None:
        box.setCurrentIndex(box.findData(name))
        box.activated.emit(box.currentIndex())

    choose(dialog.output, "Headphones")
    assert "Mic (WASAPI) is the input, not Mic (MME)" in dialog.words.text()
    choose(dialog.input, "Mic, WASAPI")
    assert dialog.words.text() == ""
    choose(dialog.input, "Line")
    assert "cannot be opened together" in dialog.words.text()


def test_the_cue_output_is_chosen_and_kept(qtbot: QtBot) -> None:
    devices = [
        {"name": "Speakers", "host_api": "ALSA", "inputs": 0, "outputs": 2},
        {"name": "Headphones", "host_api": "ALSA", "inputs": 0, "outputs": 2},
    ]
    settings = WindowSettings()
    applied: list[WindowSettings] = []

    def apply(wanted: WindowSettings, done, failed) -> None:
        applied.append(wanted)
        failed("It is in use.")

    dialog = DeviceDialog(settings, apply, find=lambda: devices)
    qtbot.addWidget(dialog)
    dialog.refresh()
    wait_until(qtbot, lambda: dialog.cue.count() == 3)
    assert dialog.cue.currentText() == "the output"
    dialog.cue.setCurrentIndex(dialog.cue.findData("Headphones"))
    dialog.apply()
    assert settings.cue_device == applied[0].cue_device == "Headphones"
    dialog.output.setCurrentIndex(dialog.output.findData("Speakers"))
    dialog.apply()
    dialog.refresh()
    assert dialog.output.currentData() is None  # what was refused is not what is used
    save_settings(settings)
    again = DeviceDialog(load_settings(), lambda *_: None, find=lambda: [])
    qtbot.addWidget(again)
    assert again.cue.currentData() == "Headphones"
