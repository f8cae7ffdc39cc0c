"""The views as widgets: they show what they are given."""

import re
from collections.abc import Mapping

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.gui.style.theme import WARNING
from innerear.gui.views.activation_history import ActivationHistory
from innerear.gui.views.columns import ROWS
from innerear.gui.views.meters import Meters
from innerear.gui.views.plots import SECONDS
from innerear.gui.views.spectrograms import LANES, Spectrograms
from innerear.gui.views.unit_spectrum import UnitSpectrum, banded_levels

from ...waiting import wait_until

PHRASE = short_phrase()[:, : 3 * SAMPLE_RATE]


def _sounds(**sounds: np.ndarray) -> Mapping[str, np.ndarray]:
    return {lane: sounds.get(lane, np.zeros_like(PHRASE)) for lane in LANES}


def _silent(samples: int, *lanes: str) -> Mapping[str, np.ndarray]:
    return dict.fromkeys(lanes, np.zeros((2, samples), np.float32))


def _lightness(view: Spectrograms, lane: str, image: QImage) -> np.ndarray:
    """Return how light the pixels of a lane are, (rows, columns)."""
    area, ratio = view.area(lane), image.devicePixelRatio()
    left, top = round(area.left() * ratio), round(area.top() * ratio)
    width, height = round(area.width() * ratio), round(area.height() * ratio)
    picture = image.copy(left, top, width, height).convertToFormat(QImage.Format.Format_Grayscale8)
    lines = np.frombuffer(picture.constBits(), np.uint8).reshape(height, -1)
    return lines[:, :width].astype(int)


def _shown(qtbot: QtBot, view: QWidget, width: int, height: int) -> QWidget:
    qtbot.addWidget(view)
    view.resize(width, height)
    view.show()
    QApplication.processEvents()
    return view


def test_each_lane_shows_its_own_sound_at_its_pitch(qtbot: QtBot) -> None:
    view = Spectrograms()
    _shown(qtbot, view, 700, 200)
    time = np.arange(PHRASE.shape[1]) / SAMPLE_RATE
    tone = np.tile(0.3 * np.sin(2 * np.pi * 880.0 * time), (2, 1)).astype(np.float32)
    for at in range(0, PHRASE.shape[1], 1470):
        piece = slice(at, at + 1470)
        sounds = _sounds(input=PHRASE, dream=tone)
        view.show_sound(SAMPLE_RATE, {lane: sound[:, piece] for lane, sound in sounds.items()})
    image = view.grab().toImage()
    lightness = {lane: _lightness(view, lane, image) for lane in LANES}
    assert np.ptp(lightness["output"]) == 0
    assert np.ptp(lightness["input"]) > 100
    rows = lightness["dream"].mean(axis=1)
    place = 1.0 - (rows.argmax() + 0.5) / len(rows)
    # A pixel of the scaling, and the two that `area` leaves out at either end.
    assert abs(place - view.axis.place(880.0)) < 3 / len(rows)


def test_another_size_shows_the_same_sound_again(qtbot: QtBot) -> None:
    view = Spectrograms()
    _shown(qtbot, view, 700, 200)
    view.show_sound(SAMPLE_RATE, _sounds(input=PHRASE, dream=PHRASE, output=PHRASE))
    before = _lightness(view, "output", view.grab().toImage())
    view.resize(500, 300)
    view.resize(700, 200)
    QApplication.processEvents()
    np.testing.assert_array_equal(_lightness(view, "output", view.grab().toImage()), before)
    assert np.ptp(before) > 100


def test_the_mouse_reads_frequency_time_and_level(qtbot: QtBot) -> None:
    view = Spectrograms()
    _shown(qtbot, view, 700, 200)
    time = np.arange(PHRASE.shape[1]) / SAMPLE_RATE
    tone = np.tile(0.5 * np.sin(2 * np.pi * 880.0 * time), (2, 1)).astype(np.float32)
    view.show_sound(SAMPLE_RATE, _sounds(dream=tone))
    blank = view.grab().toImage()
    area = view.area("dream")
    y = area.bottom() - view.axis.place(880.0) * area.height()
    qtbot.mouseMove(view.canvas.viewport(), QPoint(round(area.center().x()), round(y)))
    wait_until(qtbot, view.reading.isVisible)
    words = view.reading.toPlainText().replace("\N{MINUS SIGN}", "-")
    found = re.fullmatch(r"(\d+) Hz  (A5|G♯5)  -(\d\.\d+) s  -(\d+) dB", words)
    assert found
    assert abs(float(found[1]) / 880.0 - 1.0) < 0.08  # two pixels
    assert abs(float(found[3]) - SECONDS / 2) < 0.1
    assert abs(float(found[4]) - 6.0) < 12.0  # a pixel beside the peak
    QApplication.sendEvent(view.canvas.viewport(), QEvent(QEvent.Type.Leave))
    assert view.grab().toImage() == blank


def test_a_picture_that_is_held_stays_and_goes_on_afterwards(qtbot: QtBot) -> None:
    view = Spectrograms()
    _shown(qtbot, view, 700, 200)
    half = PHRASE.shape[1] // 2
    view.show_sound(SAMPLE_RATE, {"input": PHRASE[:, :half], **_silent(half, "dream", "output")})
    view.hold.click()
    held = _lightness(view, "input", view.grab().toImage())
    rest = _silent(PHRASE.shape[1] - half, *LANES)
    view.show_sound(SAMPLE_RATE, rest)
    np.testing.assert_array_equal(_lightness(view, "input", view.grab().toImage()), held)
    view.hold.click()
    gone_on = _lightness(view, "input", view.grab().toImage())
    assert np.ptp(gone_on[:, -20:]) == 0
    assert np.ptp(held[:, -20:]) > 100


def test_the_wheel_zooms_all_lanes_and_a_double_click_shows_all(qtbot: QtBot) -> None:
    view = Spectrograms()
    _shown(qtbot, view, 700, 200)
    whole = view.shown_range()
    view._plots["dream"].getViewBox().scaleBy((0.5, 0.5))
    for lane in LANES:
        x, y = view._plots[lane].viewRange()
        assert x[1] - x[0] == pytest.approx(SECONDS / 2)
        assert y[1] - y[0] == pytest.approx(ROWS / 2)
    qtbot.mouseDClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(350, 100))
    wait_until(qtbot, lambda: view.shown_range() == whole)


def test_the_filter_is_drawn_at_its_frequencies(qtbot: QtBot) -> None:
    view = Spectrograms()
    _shown(qtbot, view, 700, 200)
    gains = np.where(np.abs(np.linspace(0, 24_000, 513) - 1000.0) < 100.0, 12.0, -6.0)
    view.filter.show_gains(gains.astype(np.float32), 48_000)
    found = view.filter.gains_db
    assert found is not None
    hertz = view.axis.centres(ROWS)
    assert abs(hertz[found.argmax()] / 1000.0 - 1.0) < 0.12
    assert found.min() == pytest.approx(-6.0)
    drawn = view.grab().toImage()
    view.filter.show_gains(None, 48_000)
    assert view.filter.gains_db is None
    assert view.grab().toImage() != drawn


def test_a_unit_shows_its_template(qtbot: QtBot) -> None:
    view = UnitSpectrum()
    _shown(qtbot, view, 200, 90)
    view.show_spectrum(np.zeros(513, np.float32), 8000.0)
    nothing = view.grab().toImage()
    peak = np.eye(1, 513, 64, dtype=np.float32)[0]  # 1 kHz
    view.show_spectrum(peak, 8000.0)
    assert view.grab().toImage() != nothing
    levels = banded_levels(peak, 8000.0)
    edges = np.geomspace(50.0, 8000.0, len(levels) + 1)
    assert edges[levels.argmax()] <= 1000.0 <= edges[levels.argmax() + 1]


def test_the_history_is_as_high_as_the_strongest_unit(qtbot: QtBot) -> None:
    view = ActivationHistory()
    _shown(qtbot, view, 300, 150)
    view.show_activations({}, 0.0)  # as while the network is loaded
    for moment in range(60):
        loud = 0.1 if 15 <= moment < 45 else 1.0
        heard = {"low": np.full(8, 0.5, np.float32), "high": np.full(8, loud, np.float32)}
        view.show_activations(heard, moment / 30)
    strengths = view.strengths()
    assert strengths.shape == (60, 2, 2)
    assert strengths[20, 1, 0] < 0.3
    assert strengths[10, 1, 0] == strengths[50, 1, 0] == 1.0
    assert (strengths[:, 0, 0] == 1.0).all()
    view.show_activations({"other": np.ones(4, np.float32)}, 61.5 / 30)
    assert view.strengths().shape == (2, 1, 2)  # the moments that have passed meanwhile


def test_the_limiter_is_shown_in_words_and_in_light(qtbot: QtBot) -> None:
    view = Meters()
    _shown(qtbot, view, 150, 200)

    def warned() -> bool:
        image = view.grab().toImage()  # the light is below the meters, wherever the font puts it
        pixels = [(x, y) for x in range(view.width()) for y in range(-24, 0)]
        lit = [image.pixelColor(x, view.height() + y) == QColor(WARNING) for x, y in pixels]
        return sum(lit) > 20

    view.show_sound(_sounds(input=PHRASE), 0.0)
    view.show_limited(3, 0.0)
    assert not warned()
    assert "limiter" not in view.accessibleDescription()
    view.show_limited(4, 0.1)
    assert warned()
    assert "limiter" in view.accessibleDescription()
    assert view.peaks["input"].level_db.max() > -10.0
    view.show_limited(4, 5.0)
    assert not warned()


@pytest.mark.parametrize("view", [Spectrograms, ActivationHistory, Meters, UnitSpectrum])
def test_no_size_is_too_small(qtbot: QtBot, capfd: pytest.CaptureFixture[str], view: type) -> None:
    made = view()
    qtbot.addWidget(made)
    made.show()
    if isinstance(made, ActivationHistory):
        layers = {f"layer{at}": np.ones(2, np.float32) for at in range(40)}
        made.show_activations(layers, 0.0)
    for size in ((0, 0), (1, 300), (30, 5), (120, 40), (300, 20)):
        made.setMinimumSize(0, 0)
        made.resize(*size)
        made.grab()
    assert "QPainter" not in capfd.readouterr().err
