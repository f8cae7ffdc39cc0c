"""The window in every size: in a small one, with large type, and on stage."""

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from innerear.gui.main_window import MainWindow
from innerear.gui.network.classes import Classes
from innerear.gui.state.settings import ZOOMS, load_settings
from innerear.gui.style.theme import RECORDING, color

CONTROL = Qt.KeyboardModifier.ControlModifier


def resized(window: MainWindow, width: int, height: int) -> None:
    window.resize(width, height)
    for _ in range(3):
        QApplication.processEvents()
    assert (window.width(), window.height()) == (width, height), "it does not fit"


def in_menu(window: MainWindow) -> list[str]:
    menu = window.top.menu_button.menu()
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions()]


def shown(holder: QWidget) -> list[QWidget]:
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    return [each for each in holder.findChildren(QWidget, options=direct) if each.isVisible()]


SIZES = ((1024, 600), (960, 540), (1280, 720))


@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_every_button_of_the_bar_is_inside_the_window_or_in_the_menu(
    window: MainWindow, zoom: float
) -> None:
    for stage, size in itertools.product((False, True), SIZES):
        window.set_stage(stage)
        window.set_zoom(zoom)
        resized(window, *size)
        there = shown(window.top)
        assert window.top.panic in there
        assert window.top.menu_button in there
        for at, one in enumerate(there):
            assert window.top.rect().contains(one.geometry()), one
            assert one.width() >= one.minimumSizeHint().width(), one
            assert not any(one.geometry().intersects(other.geometry()) for other in there[at + 1 :])
        listed = in_menu(window)
        texts = {
            window.top.tap: "Tap the tempo",
            window.top.record: "Record",
            window.top.models: "Several models",
            window.top.undo: "Undo",
            window.top.a: "Go to A",
            window.top.preset: "Presets …",
            window.top.stage: "Stage mode",
            window.top.next: "Next preset",
            window.top.switches["freeze"]: "Freeze the dream",
        }
        for widget, text in texts.items():
            assert widget not in window.top.folded or text in listed


def test_the_menu_lists_a_folded_button_once_and_only_while_it_is_folded(
    window: MainWindow,
) -> None:
    resized(window, 1440, 800)
    assert window.top.folded == []
    usual = in_menu(window)
    resized(window, 1024, 600)
    for _ in range(2):
        narrow = in_menu(window)
        assert narrow.count("Tap the tempo") == narrow.count("Stage mode") == 1
    resized(window, 1440, 800)
    assert in_menu(window) == usual


def test_every_knob_and_list_has_room_in_a_narrow_window(window: MainWindow) -> None:
    resized(window, 1024, 600)
    inside = window.body.viewport().rect()
    for control in (*window.knobs.knobs.values(), *window.knobs.choices.values()):
        corner = control.mapTo(window.body.viewport(), control.rect().topLeft())
        assert inside.contains(control.rect().translated(corner)), control
    resized(window, 1440, 800)
    row = {choice.y() for choice in window.knobs.choices.values()}
    assert len(row) > 1, "the lists are beside the knobs again"


def test_what_has_no_room_is_scrolled_to_by_the_focus(window: MainWindow) -> None:
    window.set_zoom(2.0)
    resized(window, 960, 540)
    window.activateWindow()
    last = list(window.knobs.choices.values())[-1]
    window.body.ensureWidgetVisible(last)
    QApplication.processEvents()
    corner = last.mapTo(window.body.viewport(), last.rect().topLeft())
    assert window.body.viewport().rect().intersects(last.rect().translated(corner))


def test_keys_enlarge_everything_and_the_size_is_kept(window: MainWindow) -> None:
    knob = window.knobs.knobs["mix"]
    before = knob.sizeHint().height()
    QTest.keyClick(window, Qt.Key.Key_Plus, CONTROL)
    QTest.keyClick(window, Qt.Key.Key_Equal, CONTROL)
    assert window.settings.zoom == 1.25
    assert knob.sizeHint().height() > 1.15 * before
    before_stage = knob.fontMetrics().height()
    window.set_stage(True)
    on_stage = knob.fontMetrics().height()
    assert on_stage > 1.4 * before_stage
    QTest.keyClick(window, Qt.Key.Key_Minus, CONTROL)
    assert knob.fontMetrics().height() < on_stage
    for _ in ZOOMS:
        QTest.keyClick(window, Qt.Key.Key_Plus, CONTROL)
    assert window.settings.zoom == ZOOMS[-1]
    window.close()
    assert load_settings().zoom == ZOOMS[-1]


def test_zero_goes_back_to_the_usual_size(window: MainWindow) -> None:
    knob = window.knobs.knobs["mix"]
    before = knob.sizeHint()
    window.set_zoom(1.5)
    QTest.keyClick(window, Qt.Key.Key_0, CONTROL)
    assert knob.sizeHint() == before


@pytest.mark.soak
def test_the_views_follow_the_size_of_type(window: MainWindow) -> None:
    def heights() -> dict[str, float]:
        plots = {
            "spectrograms": window.views.spectrograms._plots["input"],
            "filter": window.views.spectrograms.filter.plot,
            "history": window.views.history._plot,
            "unit": window.network.inspector._spectrum.widget._plot,
        }
        axes = {name: plot.getAxis("bottom").style["tickFont"] for name, plot in plots.items()}
        found = {name: QFontMetricsF(font).height() for name, font in axes.items()}
        titles = [plot.titleLabel for plot in plots.values() if plot.titleLabel.text]
        found |= {f"title {at}": title.itemRect().height() for at, title in enumerate(titles)}
        assert len(titles) == 3
        return found

    QApplication.processEvents()
    usual = heights()
    window.set_zoom(2.0)
    QApplication.processEvents()
    for name, height in heights().items():
        assert height == pytest.approx(2 * usual[name], rel=0.2), name
    window.set_zoom(1.0)
    window.set_stage(True)
    window.set_views(True)
    QApplication.processEvents()
    for name, height in heights().items():
        assert height > 1.3 * usual[name], name


def test_more_than_five_classes_are_seen_and_all_can_be_scrolled_to(window: MainWindow) -> None:
    resized(window, 1440, 800)
    classes: Classes = window.network.classes
    classes.show_scores(classes._model.scores + 0.5)
    rows = classes.list.viewport().height() // classes.list.sizeHintForRow(0)
    assert rows > 5
    assert sorted(classes.shown) == sorted(window.network.picture.classes)
    assert classes.list.verticalScrollBar().maximum() > 0
    classes.list.scrollToBottom()
    last = classes._model.index(len(classes.shown) - 1)
    assert classes.list.viewport().rect().contains(classes.list.visualRect(last).center())


def test_a_recording_is_red(window: MainWindow) -> None:
    record = window.top.record
    QApplication.processEvents()
    before = record.grab().toImage().pixelColor(record.width() // 2, 4)
    record.setChecked(True)
    QApplication.processEvents()
    assert record.grab().toImage().pixelColor(record.width() // 2, 4) == color(RECORDING) != before


def test_a_long_message_has_the_room_of_the_fields(window: MainWindow) -> None:
    line = window.status_line
    resized(window, 1440, 800)
    line.show_message("x" * 20)
    QApplication.processEvents()
    assert line._labels["latency"].isVisible()
    long = "The device has stopped. Connect it again, or choose another one in Sound devices. " * 2
    line.show_message(long)
    QApplication.processEvents()
    assert line.message.width() > 0.75 * line.width()
    assert line._labels["load"].isVisible()
    assert line.message.toolTip() == long
    line.show_message("short")
    QApplication.processEvents()
    assert line._labels["latency"].isVisible()


def test_a_notice_has_its_buttons_inside_the_window(window: MainWindow) -> None:
    actions = dict.fromkeys(("Start the sound again", "Open a sound file …", "Devices …"), print)
    window.set_stage(True)
    window.set_zoom(2.0)
    resized(window, 1024, 600)
    window.notifications.stand("lost", "No sound: " + "the device has stopped. " * 3, actions, True)
    QApplication.processEvents()
    notice = window.notifications.standing
    assert window.width() == 1024
    for button in notice.findChildren(QAbstractButton):
        assert notice.rect().contains(button.geometry()), button.text()


def test_the_focus_can_be_seen_wherever_it_goes(window: MainWindow) -> None:
    resized(window, 1440, 800)
    window.activateWindow()
    seen: list[QWidget] = []
    window.top.panic.setFocus()
    for _ in range(80):
        widget = QApplication.focusWidget()
        assert widget is not None
        if widget in seen:
            break
        seen.append(widget)
        QApplication.processEvents()
        focused = widget.grab().toImage()
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        QApplication.processEvents()
        assert focused != widget.grab().toImage(), f"{widget}: {widget.accessibleName()}"
    assert len(seen) > 30
    assert window.network.view in seen
