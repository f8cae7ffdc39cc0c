"""The views as widgets: they show what they are given."""

from collections.abc import Mapping

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.gui.style.theme import WARNING
from innerear.gui.views.activation_history import ActivationHistory
from innerear.gui.views.meters import Meters
from innerear.gui.views.spectrograms import LANES, Spectrograms

PHRASE = short_phrase()[:, : 3 * SAMPLE_RATE]


def _sounds(**sounds: np.ndarray) -> Mapping[str, np.ndarray]:
    return {lane: sounds.get(lane, np.zeros_like(PHRASE)) for lane in LANES}


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
    assert abs(view.axis.hertz(place) / 880.0 - 1.0) < 0.04


def test_another_size_shows_the_same_sound_again(qtbot: QtBot) -> None:
    view = Spectrograms()
    _shown(qtbot, view, 700, 200)
    view.show_sound(SAMPLE_RATE, _sounds(input=PHRASE, dream=PHRASE, output=PHRASE))
    before = _lightness(view, "output", view.grab().toImage())
    view.resize(500, 300)
    view.resize(700, 200)
    np.testing.assert_array_equal(_lightness(view, "output", view.grab().toImage()), before)
    assert np.ptp(before) > 100


def test_the_mouse_reads_a_frequency(qtbot: QtBot) -> None:
    view = Spectrograms()
    _shown(qtbot, view, 700, 200)
    blank = view.grab().toImage()
    qtbot.mouseMove(view, view.area("dream").center().toPoint())
    qtbot.waitUntil(lambda: view.grab().toImage() != blank)
    view.leaveEvent(None)
    assert view.grab().toImage() == blank


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


@pytest.mark.parametrize("view", [Spectrograms, ActivationHistory, Meters])
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
