"""The window: puts its parts together, and connects them with the session."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QMainWindow,
    QMenu,
    QMessageBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ..engine.live.live_status import LiveStatus
from .controls.notice import Notice
from .crash import CrashReports
from .dialogs.devices import DeviceDialog
from .dialogs.midi import MidiDialog
from .dialogs.models import ModelManager
from .dialogs.presets import PresetBrowser
from .jobs.background import in_background
from .jobs.jobs import Jobs
from .jobs.listen import play_sound, seek_sound
from .jobs.sound import Sound
from .jobs.status_poller import StatusPoller
from .network.panel import NetworkPanel
from .panels.file_bar import FileBar
from .panels.knob_panel import KnobPanel
from .panels.recording import RecordButton
from .panels.status_line import StatusLine
from .panels.top_bar import TopBar
from .state.actions import keys_text, make_actions
from .state.parameter_controller import ParameterController
from .state.settings import WindowSettings, save_settings
from .state.slots import Slots
from .state.undo import undo_stack
from .style.theme import BASE_PIXELS, STAGE_PIXELS, Sizes, apply_theme
from .views.panel import ViewsPanel

SIZE = 1280, 720
_AFTER_PAINT_MS = 30
_SOUND_FILES = "Sound files (*.wav *.flac *.ogg *.mp3 *.aif *.aiff *.opus);;All files (*)"
_EXPORT_FILES = "Sound files (*.wav *.flac *.ogg)"


class MainWindow(QMainWindow):
    """Sees and turns; owns neither sound nor parameters, so it may close and come back."""

    def __init__(
        self, controller: ParameterController, settings: WindowSettings, log: Path | None = None
    ) -> None:
        """Build everything; the sound begins after the first paint, see `begin`.

        Args:
            controller: what the controls act on.
            settings: of the days before.
            log: a new folder, in which the performance is logged for a replay.
        """
        super().__init__()
        self.setWindowTitle("Innerear")
        self.controller, self.settings = controller, settings
        self.stack = undo_stack(controller)
        self.slots = Slots(controller)
        self.top = TopBar(controller, self.slots, self.stack)
        self.notice = Notice()
        self.network = NetworkPanel(controller)
        self.views = ViewsPanel()
        self.knobs = KnobPanel(controller)
        self.file_bar = FileBar(controller)
        self.status_line = StatusLine()
        self.status_poller = StatusPoller(controller, self)
        self.sound = Sound(controller, settings, self.notice, log)
        self.crashes = CrashReports(self)
        self.jobs = Jobs(self)
        self.recording = RecordButton(controller, self.top.record)
        self.setAcceptDrops(True)
        self._replayed: Path | None = None
        self._dialogs: dict[str, QDialog] = {}
        self._begun = self._ending = self._replaying = False
        controller.say = self.status_line.say
        self._lay_out()
        self._connect()
        self.resize(*SIZE)
        if settings.geometry:
            self.restoreGeometry(QByteArray.fromHex(settings.geometry.encode()))
        if settings.stage:
            self.set_stage(True)

    # Life

    def showEvent(self, event: QShowEvent) -> None:
        """Begin once the window has been seen."""
        super().showEvent(event)
        if not self._begun:
            self._begun = True
            QTimer.singleShot(_AFTER_PAINT_MS, self.begin)

    def begin(self) -> None:
        """Load the network's picture, look at the instrument, and start it if none plays."""
        self.network.begin()
        self.network.view.setFocus()
        self.status_poller.start()
        self.status_poller.look()
        if not self.controller.playing:
            self.sound.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave; the sound goes on, unless it was to stop."""
        self.status_poller.stop()
        self.jobs.stop()
        self.recording.stop()
        self.settings.geometry = bytes(self.saveGeometry().toHex().data()).decode()
        self.controller.attempt(lambda: save_settings(self.settings))
        self.sound.leave(stop=self._ending)
        self.crashes.remove()
        super().closeEvent(event)

    def stop_and_quit(self) -> None:
        """End the sound, and the window with it."""
        self._ending = True
        self.close()

    # What commands do

    def set_stage(self, stage: bool) -> None:
        """Show less, and larger: to be read at two metres; or everything again."""
        self.settings.stage = stage
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        size = self.size()
        if stage:  # what goes is not enlarged first: the window would have to grow for it
            self._show_for(stage)
        apply_theme(application, Sizes(STAGE_PIXELS if stage else BASE_PIXELS))
        self._show_for(stage)
        if not (self.isMaximized() or self.isFullScreen()):
            self.resize(size)

    def _show_for(self, stage: bool) -> None:
        """Show what the stage needs, or all."""
        self.top.set_stage(stage)
        self.network.set_stage(stage)
        self.knobs.set_stage(stage)
        self.status_line.show_details(not stage)
        self.status_line.set_widths()
        self.set_views(not stage)
        self.actions_["stage"].setChecked(stage)
        self.top.stage.setChecked(stage)

    def set_views(self, shown: bool) -> None:
        """Show what was heard lately, or leave its room to the network."""
        self.views.setVisible(shown)
        self.actions_["views"].setChecked(shown)

    def set_full_screen(self, full: bool) -> None:
        """Fill the screen, or be a window again."""
        self.showFullScreen() if full else self.showNormal()

    def hear(self, layer: str, unit: int) -> None:
        """Seek the sound that excites a unit most, and play it."""
        model = self.controller.parameters.text("model")
        device = self.settings.output_device
        self.network.inspector.show_unit(self.network.picture, layer, unit)
        self.network.inspector.show_searching(True)

        def work() -> None:
            play_sound(*seek_sound(model, layer, unit), device)

        def failed(line: str) -> None:
            self.network.inspector.show_searching(False)
            self.controller.say(line)

        in_background(work, lambda _: self.network.inspector.show_searching(False), failed)

    def ask_file(self) -> None:
        """Ask for a sound file and play it."""
        path, _ = QFileDialog.getOpenFileName(self, "Open a sound file", "", _SOUND_FILES)
        if path:
            self.sound.play_file(Path(path))

    def replay(self, path: Path) -> None:
        """Play a recording as it was: nothing is dreamed into it, until bypass is turned off."""
        self._replaying = True
        self.controller.attempt(lambda: self.controller.turn({"bypass": True}, "replay"))
        self.sound.play_file(path)

    def ask_log(self) -> None:
        """Ask for the log of a performance, and for the file that it is replayed into."""
        folder = QFileDialog.getExistingDirectory(self, "The log of a performance")
        if not folder:
            return
        path, _ = QFileDialog.getSaveFileName(self, "Replay into", f"{folder}.wav", _EXPORT_FILES)
        if path:
            self.replay_log(Path(folder), Path(path))

    def replay_log(self, folder: Path, destination: Path) -> None:
        """Play a logged performance again, bit for bit, into a file; offer to hear it."""
        begun = self.jobs.start(do="replay", folder=str(folder), destination=str(destination))
        if not begun:
            self.controller.say("Something else is being written; wait for it.")
        else:
            self._replayed = destination

    def _job_ended(self, answer: str, problem: bool) -> None:
        path, self._replayed = self._replayed, None
        self.controller.say(answer)
        if path is not None and not problem and self.isVisible():
            self.notice.tell(answer, {"Hear it": lambda: self.replay(path)})

    def ask_export(self, source: Path) -> None:
        """Ask where to write a file as it is dreamed now, and write it."""
        suggested = str(source.with_name(f"{source.stem}-dreamed.wav"))
        path, _ = QFileDialog.getSaveFileName(self, "Export", suggested, _EXPORT_FILES)
        if path:
            self.export(source, Path(path))

    def export(self, source: Path, destination: Path) -> None:
        """Write a file with what the knobs say now, in a process beside the window."""
        begun = self.jobs.start(
            do="export",
            source=str(source),
            destination=str(destination),
            parameters=self.controller.parameters.as_dict(),
        )
        if not begun:
            self.controller.say("Something else is being written; wait for it.")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Play the file that was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.sound.play_file(paths[0])

    def dialog(self, name: str) -> QDialog:
        """Return one of the dialogs, made when it is first wanted."""
        if name not in self._dialogs:
            self._dialogs[name] = self._make_dialog(name)
        return self._dialogs[name]

    def open_dialog(self, name: str) -> None:
        """Show one of the dialogs beside the window."""
        dialog = self.dialog(name)
        if isinstance(dialog, PresetBrowser | ModelManager):
            dialog.refresh()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _make_dialog(self, name: str) -> QDialog:
        match name:
            case "presets":
                return PresetBrowser(self.controller, self.slots, self)
            case "models":
                manager = ModelManager(self.controller, self)
                manager.changed.connect(self.top.offer_models)
                return manager
            case "midi":
                midi = MidiDialog(self.controller, self)
                self.status_poller.beat.connect(midi.show_status)
                return midi
            case "devices":
                return DeviceDialog(replace(self.settings), self.sound.apply, self)
        raise KeyError(name)

    def _show_keys(self) -> None:
        box = QMessageBox(self)
        box.setWindowTitle("Keys")
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(keys_text())
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    # Putting together

    def _lay_out(self) -> None:
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        for part, share in ((self.network, 5), (self.views, 3)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(self.splitter.count() - 1, share)
        self.splitter.setSizes([310, 190])
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(8, 8, 8, 4)
        column.setSpacing(7)
        column.addWidget(self.top)
        column.addWidget(self.notice)
        column.addWidget(self.file_bar)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.knobs)
        column.addWidget(self.status_line)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        controller, top = self.controller, self.top
        self.status_poller.beat.connect(self._show_status)
        self.status_poller.heard.connect(self.network.show_activations)
        self.status_poller.heard.connect(self.views.show_activations)
        self.network.aimed.connect(self.views.history.show_aim)
        self.network.hear.connect(self.hear)
        self.sound.refused.connect(self._offer_help)
        self.recording.recorded.connect(self._offer_replay)
        self.file_bar.closed.connect(self._leave_file)
        self.file_bar.export.connect(lambda path: self.ask_export(Path(path)))
        self.jobs.progressed.connect(lambda share, what: controller.say(f"{what}: {share:.0%}"))
        self.jobs.ended.connect(self._job_ended)
        menu = QMenu(self)
        top.menu_button.setMenu(menu)

        def act(name: str) -> None:
            controller.attempt(lambda: controller.act(name))

        def toggle(id: str) -> None:
            controller.attempt(lambda: controller.turn({id: not controller.parameters.switch(id)}))

        def step(direction: int) -> None:
            controller.attempt(lambda: controller.step_preset(direction))

        self.actions_ = make_actions(
            self,
            menu,
            {
                "open": self.ask_file,
                "replay": self.ask_log,
                "devices": lambda: self.open_dialog("devices"),
                "midi": lambda: self.open_dialog("midi"),
                "models": lambda: self.open_dialog("models"),
                "presets": lambda: self.open_dialog("presets"),
                "undo": self.stack.undo,
                "redo": self.stack.redo,
                "next-preset": lambda: step(1),
                "previous-preset": lambda: step(-1),
                "to-a": lambda: controller.attempt(lambda: self.slots.go_to("a")),
                "to-b": lambda: controller.attempt(lambda: self.slots.go_to("b")),
                "freeze": lambda: toggle("freeze"),
                "bypass": lambda: toggle("bypass"),
                "tap": lambda: act("tap"),
                "record": self.recording.toggle,
                "panic": lambda: act("panic"),
                "find": self._find,
                "network": self.network.view.setFocus,
                "hear": self._hear_shown,
                "views": lambda: self.set_views(self.views.isHidden()),
                "stage": lambda: self.set_stage(not self.settings.stage),
                "full-screen": lambda: self.set_full_screen(not self.isFullScreen()),
                "keys": self._show_keys,
                "close": self.close,
                "quit": self.stop_and_quit,
            },
        )
        for button, name in (
            (top.preset, "presets"),
            (top.next, "next-preset"),
            (top.previous, "previous-preset"),
            (top.tap, "tap"),
            (top.panic, "panic"),
            (top.record, "record"),
            (top.stage, "stage"),
        ):
            action = self.actions_[name]
            button.clicked.connect(action.trigger)
            keys = action.shortcut().toString()
            button.setToolTip(f"{action.text().replace(' …', '')}  ({keys})")
            if button is not top.preset:
                button.setAccessibleName(action.text())
        top.stage.setCheckable(True)
        self.actions_["views"].setChecked(True)

    def _show_status(self, status: LiveStatus | None) -> None:
        self.status_line.show_status(status)
        self.file_bar.show_status(status)
        self.recording.show_status(status)
        self.top.show_status(status)
        self.knobs.show_status(status)
        self.network.show_status(status)
        self.views.show_sound(status, self.controller.session.sound)

    def _offer_help(self, line: str) -> None:
        self.notice.tell(
            f"{line}  A sound file plays without one, to be seen and exported.",
            {
                "Open a sound file …": self.ask_file,
                "Devices …": lambda: self.open_dialog("devices"),
                "Try again": self.sound.start,
            },
        )

    def _offer_replay(self, path: str, seconds: float) -> None:
        if not self.isVisible():  # it is being closed
            return
        self.notice.tell(
            f"Recorded {seconds:.0f} s: {path}", {"Replay": lambda: self.replay(Path(path))}
        )

    def _leave_file(self) -> None:
        if self._replaying:
            self._replaying = False
            self.controller.attempt(lambda: self.controller.turn({"bypass": False}))
        self.sound.leave_file()

    def _find(self) -> None:
        self.network.classes.search.setFocus()
        self.network.classes.search.selectAll()

    def _hear_shown(self) -> None:
        if self.network.inspector.unit is not None:
            self.hear(*self.network.inspector.unit)
