"""The dialog that chooses the sound devices; it applies them while sound plays."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from ...engine.errors import DeviceError
from ...engine.io.device_choice import choose_devices, full_name
from ...engine.io.device_search import look_for_devices
from ..controls.drop_down import DropDown
from ..controls.wrapped_label import WrappedLabel
from ..jobs.background import in_background
from ..state.settings import WindowSettings
from ..style.theme import QUIET, WARNING

RATES = (22_050, 32_000, 44_100, 48_000, 88_200, 96_000)
SIDECHAINS = ((1,), (2,), (3,), (4,), (1, 2), (3, 4), (5, 6), (7, 8))
_LOOKING = "Looking for devices …"
Apply = Callable[[WindowSettings, Callable[[], None], Callable[[str], None]], None]


class DeviceDialog(QDialog):
    """Chooses devices by name, so that a device is found again after it was unplugged."""

    def __init__(
        self,
        settings: WindowSettings,
        apply: Apply,
        parent: QWidget | None = None,
        find: Callable[[], list[dict[str, Any]]] = look_for_devices,
    ) -> None:
        """Show the devices that are used; `refresh` searches for the others.

        Args:
            settings: the devices that are used.
            apply: opens the devices of the settings; then calls its second argument, or its third
                with the reason why they cannot be opened.
            parent: the window.
            find: lists the devices.
        """
        super().__init__(parent)
        self.setWindowTitle("Sound devices")
        self._settings, self._apply = settings, apply
        self._devices: list[dict[str, Any]] = []
        self.input, self.output, self.cue, self.rate, self.channels, self.sidechain = (
            DropDown() for _ in range(6)
        )
        self.connect_ports = DropDown()
        form = QFormLayout()
        for label, box in (
            ("Input", self.input),
            ("Output", self.output),
            ("Cue output", self.cue),
            ("Sample rate", self.rate),
            ("Channels", self.channels),
            ("Sidechain", self.sidechain),
            ("JACK ports", self.connect_ports),
        ):
            box.setAccessibleName(label)
            box.setMinimumContentsLength(28)
            form.addRow(label, box)
        _fill(self.rate, {"device default": None, **{f"{r} Hz": r for r in RATES}})
        _fill(self.channels, {"all": None, "1 (mono)": 1, "2 (stereo)": 2})
        _fill(self.sidechain, {"none": (), **{_words(pair): pair for pair in SIDECHAINS}})
        _fill(self.connect_ports, {"connect to the devices": True, "leave to a patch bay": False})
        self.connect_ports.setToolTip("Who connects Innerear's ports where a JACK server plays")
        self.sidechain.setToolTip(
            "Channels of the input that are not played, for the target 'sound'"
        )
        self.cue.setToolTip("Where the sound of a unit is heard (Hear)")
        for box in (self.input, self.output):
            box.activated.connect(lambda index: self._check())
        self.words = WrappedLabel()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Apply | QDialogButtonBox.StandardButton.Close
        )
        self.apply_button = self.buttons.button(QDialogButtonBox.StandardButton.Apply)
        self.apply_button.clicked.connect(self.apply)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.words)
        column.addWidget(self.buttons)
        self._find = find
        self._show_settings()

    def refresh(self) -> None:
        """Show the devices that are used, and search on a thread for those that there are now."""
        self._show_settings()
        self._show_message(_LOOKING, QUIET)
        in_background(self._find, self._show_found, self._complain)

    def show_devices(self, devices: list[dict[str, Any]]) -> None:
        """List devices, as `find_devices` returns them; what is chosen stays chosen."""
        self._devices = devices
        for box, side, otherwise in (
            (self.input, "inputs", "system default"),
            (self.output, "outputs", "system default"),
            (self.cue, "outputs", "the output"),
        ):
            able, chosen = [device for device in devices if device[side] > 0], box.currentData()
            count = Counter(device["name"] for device in able)
            shown, known = dict[str, str](), dict[str, str]()
            for device in able:
                name, full = device["name"], full_name(device)
                value = name if count[name] == 1 else full
                shown[f"{name}  ({device['host_api']})"] = value
                known.setdefault(name, value)
                known.setdefault(full, value)
            _fill(box, {otherwise: None, **shown})
            _choose(box, known.get(chosen, chosen))

    def _show_settings(self) -> None:
        settings = self._settings
        if self.sidechain.findData(settings.sidechain) < 0:  # as another program stored it
            self.sidechain.addItem(_words(settings.sidechain), settings.sidechain)
        for box, used in (
            (self.input, settings.input_device),
            (self.output, settings.output_device),
            (self.cue, settings.cue_device),
            (self.rate, settings.sample_rate),
            (self.channels, settings.channels),
            (self.connect_ports, settings.connect),
            (self.sidechain, settings.sidechain),
        ):
            _choose(box, used)
        self.show_devices(self._devices)

    def apply(self) -> None:
        """Open the chosen devices, and report whether they play."""
        wanted = replace(
            self._settings,
            input_device=self.input.currentData(),
            output_device=self.output.currentData(),
            cue_device=self.cue.currentData(),
            sample_rate=self.rate.currentData(),
            channels=self.channels.currentData(),
            connect=bool(self.connect_ports.currentData()),
            sidechain=tuple(self.sidechain.currentData()),
        )
        self._settings.cue_device = wanted.cue_device  # opened when something is heard there
        self._show_message("Opening …", QUIET)
        self.apply_button.setEnabled(False)
        self._apply(wanted, lambda: self._opened(wanted), self._complain)

    def _check(self) -> None:
        """Say whether the chosen devices can be opened together, and what is done about it."""
        if not all(any(device[side] for device in self._devices) for side in ("inputs", "outputs")):
            return  # a file plays with an output alone
        try:
            note = choose_devices(
                self._devices, self.input.currentData(), self.output.currentData()
            )[2]
        except DeviceError as problem:
            self._show_message(str(problem), WARNING)
        else:
            self._show_message(note, QUIET)

    def _show_found(self, devices: object) -> None:
        assert isinstance(devices, list)
        self.show_devices(devices)
        if self.words.text() == _LOOKING:  # and nothing has been opened meanwhile
            self._show_message(
                "" if devices else "No sound device was found. Connect one, or play a file.", QUIET
            )

    def _opened(self, settings: WindowSettings) -> None:
        self._settings = settings
        self.apply_button.setEnabled(True)
        self._show_message("Playing.", QUIET)

    def _complain(self, line: str) -> None:
        self.apply_button.setEnabled(True)
        self._show_message(line, WARNING)

    def _show_message(self, text: str, colour: str) -> None:
        self.words.setText(text)
        self.words.setStyleSheet(f"color: {colour};")


def _words(channels: Sequence[int]) -> str:
    names = " and ".join(str(channel) for channel in channels)
    return f"channel{'s' if len(channels) > 1 else ''} {names}"


def _fill(box: DropDown, items: dict[str, Any]) -> None:
    box.clear()
    for text, value in items.items():
        box.addItem(text, value)


def _choose(box: DropDown, value: object) -> None:
    """Choose a value; one that is not in the list is added as missing."""
    index = box.findData(value)
    if index < 0:
        box.addItem(f"{value}  (not connected)", value)
        index = box.count() - 1
    box.setCurrentIndex(index)
