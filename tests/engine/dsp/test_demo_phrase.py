"""The demo's phrase is the same each time, clean, and ends in silence."""

import numpy as np

from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase


def test_the_phrase_is_always_the_same() -> None:
    np.testing.assert_array_equal(short_phrase(), short_phrase())


def test_the_phrase_is_sound_with_no_click_at_its_ends() -> None:
    phrase = short_phrase()
    assert phrase.dtype == np.float32
    assert phrase.shape == (2, 9.5 * SAMPLE_RATE)
    assert np.abs(phrase).max() == 0.5
    assert not phrase[:, 0].any()
    assert np.abs(phrase[:, :8]).max() < 0.02
    assert not phrase[:, -SAMPLE_RATE // 4 :].any()
    assert np.abs(phrase.mean()) < 1e-3


def test_the_melody_is_in_the_sound() -> None:
    first_note = short_phrase()[0, : SAMPLE_RATE // 2]
    spectrum = np.abs(np.fft.rfft(first_note * np.hanning(len(first_note))))
    d5 = 440 * 2 ** (5 / 12)
    band = spectrum[round(d5 / 2) - 2 : round(d5 / 2) + 3].max()
    assert band > 5 * np.median(spectrum[50:1000])
