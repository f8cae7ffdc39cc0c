"""The axis of frequencies: places, marks and texts."""

import pytest

from innerear.gui.views.frequency_axis import FrequencyAxis, frequency_text, note_name


def test_places_and_frequencies_are_each_others_inverse() -> None:
    axis = FrequencyAxis()
    assert axis.place(axis.lowest_hz) == pytest.approx(0.0)
    assert axis.place(axis.highest_hz) == pytest.approx(1.0)
    assert axis.hertz(axis.place(523.25)) == pytest.approx(523.25)


def test_marks_are_octaves_of_a4_as_many_as_fit() -> None:
    axis = FrequencyAxis()
    assert axis.marks(20) == [55, 110, 220, 440, 880, 1760, 3520, 7040, 14_080]
    assert axis.marks(5) == [110, 440, 1760, 7040]
    for most in range(1, 12):
        assert 440 in axis.marks(most)
        assert len(axis.marks(most)) <= max(1, most)


@pytest.mark.parametrize(
    ("hertz", "text", "note"),
    [
        (440, "440 Hz", "A4"),
        (261.63, "262 Hz", "C4"),
        (3520, "3.52 kHz", "A7"),
        (46.25, "46 Hz", "F♯1"),
    ],
)
def test_a_frequency_is_read_in_hertz_and_as_a_note(hertz: float, text: str, note: str) -> None:
    assert frequency_text(hertz) == text
    assert note_name(hertz) == note
