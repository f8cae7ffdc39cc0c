"""The dialog for models: adds, verifies, removes and teaches them, and shows the progress."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...engine.errors import InnerearError
from ...engine.packs.adding.addable import PUBLISHED
from ...engine.packs.pack import Pack, available_packs, load_pack, user_folder
from ..controls.described_items import LINE_ROLE, TITLE_ROLE, DescribedItems
from ..controls.question import agrees
from ..controls.wrapped_label import WrappedLabel
from ..jobs.job_runner import JobRunner
from ..state.model_descriptions import describe_model
from ..state.model_words import named_models
from ..state.parameter_controller import ParameterController
from ..style.theme import TEXT, WARNING

_NAME = Qt.ItemDataRole.UserRole


class ModelManager(QDialog):
    """Lists models, and runs one job at a time on them in another process."""

    changed = Signal()
    """Models were added or removed."""

    def __init__(self, controller: ParameterController, parent: QWidget | None = None) -> None:
        """List all models.

        Args:
            controller: sets the model.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle("Models")
        self._controller = controller
        self.jobs = JobRunner(self)
        self.jobs.progressed.connect(self._show_progress)
        self.jobs.ended.connect(self._end)
        self.list = QListWidget()
        self.list.setAccessibleName("Models")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(DescribedItems(self.list))
        self.list.currentItemChanged.connect(lambda now, before: self._describe())
        self.list.itemActivated.connect(lambda item: self.use())
        self.words = WrappedLabel()
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.use_button = QPushButton("Use")
        self.use_button.clicked.connect(self.use)
        self.verify_button = QPushButton("Verify")
        self.verify_button.clicked.connect(lambda: self.start(do="verify", name=self.chosen))
        self.remove_button = QPushButton("Remove …")
        self.remove_button.clicked.connect(self._ask_and_remove)
        self.add_yamnet = QPushButton("Download YAMNet (15 MB)")
        self.add_yamnet.clicked.connect(lambda: self.start(do="add-yamnet"))
        self.from_file = QPushButton("YAMNet from a file …")
        self.from_file.clicked.connect(self._ask_weights)
        self.add_folder = QPushButton("Add a pack's folder …")
        self.add_folder.clicked.connect(self._ask_folder)
        self.teach_button = QPushButton("Teach your own sounds …")
        self.teach_button.clicked.connect(self._ask_lesson)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress")
        self.stop_button = QPushButton("Stop")
        self.stop_button.clicked.connect(self.stop)
        self.message = WrappedLabel()
        self._lay_out()
        self.refresh()
        self._show_working(False)

    @property
    def chosen(self) -> str:
        """The name of the selected model; empty if none is selected."""
        item = self.list.currentItem()
        return str(item.data(_NAME)) if item is not None else ""

    def refresh(self) -> None:
        """List the models that are installed now."""
        kept = self.chosen or self._controller.parameters.text("model")
        self.list.clear()
        packs = available_packs()
        for name, folder in packs.items():
            yours = "  (yours)" if folder.parent == user_folder() else ""
            words = describe_model(name, packs)
            item = QListWidgetItem(name + yours)
            item.setData(_NAME, name)
            item.setData(TITLE_ROLE, words.title + yours)
            item.setData(LINE_ROLE, words.line)
            item.setToolTip(words.line)
            self.list.addItem(item)
            if name == kept:
                self.list.setCurrentItem(item)
        for button in (self.add_yamnet, self.from_file):
            button.setVisible(not set(PUBLISHED) <= set(available_packs()))
        self._describe()

    def use(self) -> None:
        """Use the selected model."""
        if self.chosen:
            self._controller.attempt(lambda: self._controller.change({"model": self.chosen}))

    def start(self, **request: Any) -> None:
        """Start a job; see `JobRunner.start` for the arguments."""
        if self.jobs.start(**request):
            self._show_message("")
            self.progress.setRange(0, 0)
            self._show_working(True)

    def stop(self) -> None:
        """Stop the job; it leaves no unfinished files."""
        self.jobs.stop()

    def may_stop(self) -> bool:
        """Ask whether what is being done may be stopped; True where nothing is."""
        return not self.jobs.busy or agrees(
            self, "Stop it?", "A model is being worked on. Stop that, and close this?"
        )

    def done(self, result: int) -> None:
        """Stop the job when the dialog is closed, if that may be."""
        if self.may_stop():
            self.stop()
            super().done(result)

    def _show_progress(self, share: float, what: str) -> None:
        self.progress.setRange(0, 100 if share else 0)
        self.progress.setValue(round(100 * share))
        self.progress.setFormat(f"{what}: %p%")

    def _end(self, answer: str, problem: bool) -> None:
        self._show_message(answer, problem)
        self._show_working(False)
        self.refresh()
        self.changed.emit()

    def _show_message(self, text: str, problem: bool = False) -> None:
        self.message.setText(text)
        self.message.setStyleSheet(f"color: {WARNING if problem else TEXT};")

    def _show_working(self, working: bool) -> None:
        self.progress.setVisible(working)
        self.stop_button.setVisible(working)
        for button in (
            self.verify_button,
            self.add_yamnet,
            self.from_file,
            self.add_folder,
            self.teach_button,
        ):
            button.setEnabled(not working)
        if not working:
            self._describe()

    def _describe(self) -> None:
        pack = self._load()
        own = available_packs().get(self.chosen)
        removable = own is not None and own.parent == user_folder() and not self.jobs.busy
        self.remove_button.setEnabled(removable)
        self.use_button.setEnabled(pack is not None)
        if pack is None:
            self.words.setText("This pack is damaged." if self.chosen else "")
            return
        classes = ", ".join(pack.classes[:8]) + (", …" if len(pack.classes) > 8 else "")
        seconds = pack.window / pack.sample_rate
        accuracy = pack.manifest.accuracy_in_words()
        self.words.setText(
            f"<b>{pack.title}</b><br>{len(pack.layers)} layers, {len(pack.classes)} classes:"
            f" {classes}<br><br>Listens at {pack.sample_rate} Hz, {seconds:.2f}"
            f" s at a time. {accuracy[:1].upper()}{accuracy[1:]}{'.' if accuracy else ''}<br><br>"
            f"Trained on: {pack.manifest.training_data}<br>Licence: {pack.manifest.licence}"
        )

    def _load(self) -> Pack | None:
        try:
            return load_pack(self.chosen) if self.chosen else None
        except InnerearError:
            return None

    def _ask_and_remove(self) -> None:
        question = f"Remove the model {self.chosen!r} from this computer?"
        if not agrees(self, "Remove?", question):
            return
        if self.chosen in named_models(self._controller.parameters.text("model")):
            self._show_message("It is in use; choose another model first.", True)
            return
        self.start(do="remove", name=self.chosen)

    def _ask_weights(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "YAMNet's weights", "", "Weights (*.h5 *.tflite)"
        )
        if path:
            self.start(do="add-yamnet", weights=path)

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of a model pack")
        if folder:
            self.start(do="add-folder", folder=folder)

    def _ask_lesson(self) -> None:
        dialog = LessonDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.asked.connect(
            lambda name, folder: self.start(
                do="teach",
                name=name,
                folder=folder,
                # Of several that play, the first learns.
                model=named_models(self._controller.parameters.text("model"))[0],
            )
        )
        dialog.open()

    def _lay_out(self) -> None:
        side, row, foot = QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        side.addWidget(self.words, 1)
        first = QHBoxLayout()
        for button in (self.use_button, self.verify_button, self.remove_button):
            first.addWidget(button)
        side.addLayout(first)
        row.addWidget(self.list, 2)
        row.addLayout(side, 3)
        for button in (self.teach_button, self.add_folder, self.from_file, self.add_yamnet):
            foot.addWidget(button)
        work = QHBoxLayout()
        work.addWidget(self.progress, 1)
        work.addWidget(self.stop_button)
        column = QVBoxLayout(self)
        column.addLayout(row, 1)
        column.addLayout(foot)
        column.addLayout(work)
        column.addWidget(self.message)
        em = self.fontMetrics().height()
        self.resize(em * 44, em * 28)


class LessonDialog(QDialog):
    """Asks for the name of a new model and for the folder of sounds that it learns."""

    asked = Signal(str, str)
    """The name of the model and the folder of sounds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show empty fields."""
        super().__init__(parent)
        self.setWindowTitle("Teach your own sounds")
        words = WrappedLabel(
            "Choose a folder with one sub-folder of sounds for each class, three sounds at least:"
            " kitchen/kettle/*.wav, kitchen/glass/*.wav. The network that plays now learns to tell"
            " them apart, and you can dream of them at once."
        )
        self.name, self.folder = QLineEdit(), QLineEdit()
        self.name.setPlaceholderText("kitchen")
        self.name.setAccessibleName("Name of the new model")
        self.folder.setAccessibleName("Folder of sounds")
        choose = QPushButton("Choose …")
        choose.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.addWidget(self.folder, 1)
        row.addWidget(choose)
        form = QFormLayout()
        form.addRow("Name", self.name)
        form.addRow("Folder", row)
        self.start = QPushButton("Teach")
        self.start.setDefault(True)
        self.start.clicked.connect(self.accept)
        self.start.setEnabled(False)
        for field in (self.name, self.folder):
            field.textChanged.connect(
                lambda: self.start.setEnabled(bool(self.name.text() and self.folder.text()))
            )
        column = QVBoxLayout(self)
        column.addWidget(words)
        column.addLayout(form)
        column.addWidget(self.start)
        self.resize(self.fontMetrics().height() * 30, 0)

    def accept(self) -> None:
        """Emit the name and the folder."""
        self.asked.emit(self.name.text().strip(), self.folder.text().strip())
        super().accept()

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of sounds")
        if folder:
            self.folder.setText(folder)
