"""The main window: makes the panels, connects them with the session, and runs the commands."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QMainWindow,
    QMenu,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ..engine.live.live_status import LiveStatus
from ..engine.parameter import Value
from ..engine.targets.grammar import SOUND
from .controls.binding import follow
from .controls.notification_bar import NotificationBar
from .controls.scroll_area import ScrollArea
from .crash import CrashReports
from .dialogs.opener import DialogOpener, documentation, library_browser
from .jobs.audio_server_jobs import AudioServerJobs
from .jobs.folders import FOLDERS, open_folder
from .jobs.plain_playback import PlainPlayback
from .jobs.status_poller import StatusPoller
from .network.hearing import Hearing
from .network.panel import NetworkPanel
from .panels.actions import make_actions
from .panels.file_bar import FileBar
from .panels.file_jobs import FileJobs
from .panels.knob_panel import KnobPanel
from .panels.notices import Notices
from .panels.recording import RecordButton
from .panels.status_line import StatusLine
from .panels.top_bar import TopBar
from .state.parameter_controller import ParameterController
from .state.settings import WindowSettings, next_zoom, save_settings
from .state.slots import Slots
from .state.undo import UndoHistory
from .style.theme import Sizes, apply_theme
from .views.panel import ViewsPanel

SIZE = 1280, 720
_AFTER_PAINT_MS = 30
_SOUND_FILES = "Sound files (*.wav *.flac *.ogg *.mp3 *.aif *.aiff *.opus);;All files (*)"


class MainWindow(QMainWindow):
    """Owns neither the sound nor the parameters, so it can be closed and opened again."""

    def __init__(
        self, controller: ParameterController, settings: WindowSettings, log: Path | None = None
    ) -> None:
        """Make all panels; the sound starts after the first paint, see `begin`.

        Args:
            controller: what the controls act on.
            settings: what the window has stored from the last time.
            log: a new folder, in which the performance is logged for a replay.
        """
        super().__init__()
        self.setWindowTitle("Innerear")
        self.controller, self.settings = controller, settings
        self.history = UndoHistory(controller)
        self.slots = Slots(controller)
        self.top = TopBar(controller, self.slots, self.history)
        self.notifications = NotificationBar()
        self.network = NetworkPanel(controller)
        self.hearing = Hearing(controller, settings, self.network)
        self.views = ViewsPanel()
        self.knobs = KnobPanel(controller)
        self.file_bar = FileBar(controller)
        self.status_line = StatusLine()
        self.status_poller = StatusPoller(controller, self)
        self.audio_server = AudioServerJobs(controller, settings, log)
        self.playback = PlainPlayback(controller, self.audio_server, self)
        self.crashes = CrashReports(self)
        self.file_jobs = FileJobs(controller, self.notifications, self.playback.play, self)
        self.recording = RecordButton(controller, self.top.record)
        self.dialogs = DialogOpener(
            self,
            {
                "presets": self._preset_browser,
                "models": self._model_manager,
                "midi": self._midi_dialog,
                "documents": lambda: documentation(self),
                "library": lambda: library_browser(controller, self.slots, settings, self),
                "devices": self._device_dialog,
            },
        )
        self.notices = Notices(
            self.notifications,
            self.audio_server,
            self.ask_file,
            lambda: self.dialogs.open("devices"),
            lambda: self.dialogs.open("models"),
            self.playback.play,
        )
        self.setAcceptDrops(True)
        self._begun = self._ending = False
        controller.show_message = self.status_line.show_message
        follow(self, controller.parameters, "silenced", self._explain_silence)
        self._lay_out()
        self._connect()
        self._make_actions()
        self.resize(self.screen().availableSize().boundedTo(QSize(*SIZE)))
        if settings.geometry:
            self.restoreGeometry(QByteArray.fromHex(settings.geometry.encode()))
        if settings.stage:
            self.set_stage(True)
        elif settings.zoom != 1.0:
            self._apply_sizes()

    # Opening and closing

    def showEvent(self, event: QShowEvent) -> None:
        """Begin once the window has been painted."""
        super().showEvent(event)
        if not self._begun:
            self._begun = True
            QTimer.singleShot(_AFTER_PAINT_MS, self.begin)

    def begin(self) -> None:
        """Load the network's picture, poll the status, and start the sound if none plays."""
        self.network.begin()
        self.network.view.setFocus()
        self.status_poller.start()
        self.status_poller.poll()
        if self.controller.greeting:
            self.controller.show_message(self.controller.greeting)
        if not self.controller.playing:
            self.audio_server.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Store the settings and detach from the sound, or stop it after `stop_and_quit`."""
        if not (self.file_jobs.may_stop() and self.dialogs.may_stop()):
            self._ending = False
            event.ignore()
            return
        self.settings.geometry = bytes(self.saveGeometry().toHex().data()).decode()
        self.hide()  # what follows may wait for the audio server
        self.status_poller.stop()
        self.file_jobs.stop()
        self.dialogs.stop()
        self.recording.stop()
        self.hearing.stop()
        self.playback.end()
        self.controller.attempt(lambda: save_settings(self.settings))
        self.audio_server.leave(stop=self._ending)
        self.crashes.remove()
        super().closeEvent(event)

    def end(self) -> None:
        """Close the window without a question, as at a logout: nobody may be there to answer."""
        self.file_jobs.stop()
        self.dialogs.stop()
        self.close()

    def stop_and_quit(self) -> None:
        """Stop the sound and close the window."""
        self._ending = True
        self.close()

    # Commands

    def set_stage(self, stage: bool) -> None:
        """Show less and larger, to be read at two metres; or everything in the usual size."""
        self.settings.stage = stage
        self._apply_sizes()
        self.top.set_stage(stage)
        self.network.set_stage(stage)
        self.knobs.set_stage(stage)
        self.status_line.show_details(not stage)
        self.set_views(not stage)
        self.actions_["stage"].setChecked(stage)
        self.top.stage.setChecked(stage)

    def set_zoom(self, zoom: float) -> None:
        """Enlarge the type, and all that follows it, by one of the factors `ZOOMS`."""
        self.settings.zoom = zoom
        self._apply_sizes()
        self.controller.show_message(f"Size {100 * zoom:.0f} %")

    def _apply_sizes(self) -> None:
        """Let all lengths follow the settings."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        apply_theme(application, Sizes.of(self.settings.stage, self.settings.zoom))
        self.network.set_side_width()
        self.status_line.set_widths()

    def set_views(self, shown: bool) -> None:
        """Show or hide the spectrograms, the activation history and the meters."""
        self.views.setVisible(shown)
        self.actions_["views"].setChecked(shown)

    def set_full_screen(self, full: bool) -> None:
        """Fill the screen, or go back to a window."""
        self.showFullScreen() if full else self.showNormal()

    def ask_file(self) -> None:
        """Ask for a sound file, and play it."""
        path, _ = QFileDialog.getOpenFileName(self, "Open a sound file", "", _SOUND_FILES)
        if path:
            self.audio_server.play_file(Path(path))

    def ask_target_sound(self) -> None:
        """Ask for a sound file, and dream of it."""
        path, _ = QFileDialog.getOpenFileName(self, "Dream of a sound file", "", _SOUND_FILES)
        if path:
            self.dream_of_sound(path)

    def dream_of_sound(self, file: str) -> None:
        """Dream of what the layer hears in a sound file; an empty name is the sidechain."""
        values = {"target": SOUND, "target_sound": file}
        text = f"dream of {Path(file).name or 'the sidechain'}"
        self.controller.attempt(lambda: self.controller.change(values, text))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Play the file that was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.audio_server.play_file(paths[0])

    # Construction

    def _lay_out(self) -> None:
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        for part, share in ((self.network, 5), (self.views, 3)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.count() - 1, share)
        self.splitter.setSizes([310, 190])
        parts = QWidget()
        column = QVBoxLayout(parts)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addWidget(self.file_bar)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.knobs)
        self.body = ScrollArea(parts)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(8, 8, 8, 4)
        column.setSpacing(7)
        column.addWidget(self.top)
        column.addWidget(self.notifications)
        column.addWidget(self.body, 1)
        column.addWidget(self.status_line)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self.status_poller.polled.connect(self._show_status)
        self.status_line.looked_at.connect(self._reset_measurements)
        self.status_poller.activations.connect(self.network.show_activations)
        self.status_poller.activations.connect(self.views.show_activations)
        self.network.aimed.connect(self.views.show_aim)
        self.network.hear.connect(self.hearing.hear)
        self.network.demo.clicked.connect(self.audio_server.play_demo)
        self.status_line.model_wanted.connect(self.notices.offer_model)
        self.status_poller.lost.connect(self.notices.show_server_lost)
        self.recording.recorded.connect(self._show_recorded)
        self.file_bar.closed.connect(self.audio_server.leave_file)
        self.file_bar.export.connect(lambda path: self.file_jobs.ask_export(Path(path)))

    # Dialogs are loaded when they are opened: the window need not wait for them.

    def _device_dialog(self) -> QDialog:
        from .dialogs.devices import DeviceDialog

        return DeviceDialog(replace(self.settings), self.audio_server.apply, parent=self)

    def _model_manager(self) -> QDialog:
        from .dialogs.models import ModelManager

        manager = ModelManager(self.controller, self)
        manager.changed.connect(self.top.offer_models)
        manager.changed.connect(lambda: self.dialogs.refresh("presets"))
        return manager

    def _preset_browser(self) -> QDialog:
        from .dialogs.presets import PresetBrowser

        browser = PresetBrowser(self.controller, self.slots, self)
        browser.changed.connect(self.top.offer_presets)
        browser.model_wanted.connect(lambda: self.dialogs.open("models"))
        self.status_poller.polled.connect(browser.show_status)
        return browser

    def _midi_dialog(self) -> QDialog:
        from .dialogs.midi import MidiDialog

        dialog = MidiDialog(self.controller, self)
        self.status_poller.polled.connect(dialog.show_status)
        return dialog

    def _commands(self) -> Mapping[str, Callable[[], object]]:
        """Return what each command does, by its name in `COMMANDS`."""
        controller, dialogs = self.controller, self.dialogs

        def act(name: str) -> None:
            controller.attempt(lambda: controller.act(name))

        def toggle(id: str) -> None:
            controller.attempt(
                lambda: controller.change({id: not controller.parameters.switch(id)})
            )

        def step(direction: Literal[1, -1]) -> None:
            controller.attempt(lambda: controller.step_preset(direction))

        return {
            "open": self.ask_file,
            "target-sound": self.ask_target_sound,
            "sidechain": lambda: self.dream_of_sound(""),
            "replay": self.file_jobs.ask_log,
            "devices": lambda: dialogs.open("devices"),
            "midi": lambda: dialogs.open("midi"),
            "models": lambda: dialogs.open("models"),
            "presets": lambda: dialogs.open("presets"),
            "library": lambda: dialogs.open("library"),
            "undo": self.history.undo,
            "redo": self.history.redo,
            "next-preset": lambda: step(1),
            "previous-preset": lambda: step(-1),
            "to-a": lambda: controller.attempt(lambda: self.slots.go_to("a")),
            "to-b": lambda: controller.attempt(lambda: self.slots.go_to("b")),
            **{id: partial(toggle, id) for id in self.top.switches},
            "tap": lambda: act("tap"),
            "record": self.recording.toggle,
            "find": self._find,
            "network": self.network.view.setFocus,
            "hear": self.hearing.toggle,
            "views": lambda: self.set_views(self.views.isHidden()),
            "stage": lambda: self.set_stage(not self.settings.stage),
            "full-screen": lambda: self.set_full_screen(not self.isFullScreen()),
            **{
                name: partial(controller.attempt, partial(open_folder, find))
                for name, find in FOLDERS.items()
            },
            "documents": lambda: dialogs.open("documents"),
            "zoom-in": lambda: self.set_zoom(next_zoom(self.settings.zoom, 1)),
            "zoom-out": lambda: self.set_zoom(next_zoom(self.settings.zoom, -1)),
            "zoom-reset": lambda: self.set_zoom(1.0),
            "keys": dialogs.show_keys,
            "about": dialogs.show_about,
            "close": self.close,
            "quit": self.stop_and_quit,
        }

    def _make_actions(self) -> None:
        """Fill the menu, and let the top bar's buttons trigger the actions."""
        top, menu = self.top, QMenu(self)
        self.actions_ = make_actions(self, menu, self._commands())
        top.bind_actions(self.actions_, menu)
        self.actions_["views"].setChecked(True)

    def _show_status(self, status: LiveStatus | None) -> None:
        self.status_line.show_status(status)
        self.file_bar.show_status(status)
        self.recording.show_status(status)
        self.top.show_status(status)
        self.knobs.show_status(status)
        self.network.show_status(status, self.audio_server.starting)
        self.notices.show_status(status, self.recording.recording)
        self.views.show_sound(status, self.controller.session.sound)
        if status is not None:
            self.views.show_filter(self.controller.session.dreamed_filter_db(), status.sample_rate)

    def _show_recorded(self, path: str, seconds: float, problem: str) -> None:
        if self.isVisible():  # it is not being closed
            self.notices.show_recorded(path, seconds, problem)

    def _explain_silence(self, silenced: Value) -> None:
        if silenced:
            self.status_line.show_message(
                "Silent: Escape again releases it, or turn the output level all the way down and"
                " fade in."
            )

    def _reset_measurements(self) -> None:
        self.controller.attempt(self.controller.session.reset_measurements)

    def _find(self) -> None:
        self.network.classes.search.setFocus()
        self.network.classes.search.selectAll()
