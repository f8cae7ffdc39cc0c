"""The settings of the window on disk."""

import json
from pathlib import Path

import pytest

from innerear.engine.errors import InnerearError
from innerear.gui.state.settings import (
    ZOOMS,
    WindowSettings,
    load_settings,
    next_zoom,
    save_settings,
    settings_file,
)


def test_damaged_settings_are_the_defaults() -> None:
    kept = WindowSettings(stage=True, channels=2, sidechain=(3, 4), connect=False)
    save_settings(kept)
    assert load_settings() == kept
    damaged = {"stage": "yes", "channels": 1, "other": 3, "sidechain": [1, "2"]}
    settings_file().write_text(json.dumps(damaged))
    assert load_settings() == WindowSettings(channels=1)
    settings_file().write_text("{")
    assert load_settings() == WindowSettings()


def test_settings_that_cannot_be_saved_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(
        "innerear.gui.state.settings.settings_file", lambda: tmp_path / "file" / "window.json"
    )
    with pytest.raises(InnerearError, match="cannot be written"):
        save_settings(WindowSettings())


def test_the_zoom_goes_in_steps_to_both_ends() -> None:
    assert next_zoom(1.0, 1) == 1.1
    assert next_zoom(1.0, -1) == 0.9
    assert next_zoom(ZOOMS[-1], 1) == ZOOMS[-1]
    assert next_zoom(ZOOMS[0], -1) == ZOOMS[0]
    save_settings(WindowSettings(zoom=1.5))
    assert load_settings().zoom == 1.5
    for damaged in ("1.5", 40, None, [1.0]):
        settings_file().write_text(json.dumps({"zoom": damaged}))
        assert load_settings().zoom == 1.0


def test_also_on_first_use_a_window_writes_only_what_it_changed() -> None:
    older, newer = load_settings(), load_settings()
    newer.output_device, newer.input_confirmed = "Box", True
    save_settings(newer)
    older.geometry = "00"
    save_settings(older)
    assert load_settings() == WindowSettings(
        output_device="Box", input_confirmed=True, geometry="00"
    )


def test_a_window_writes_only_what_it_changed() -> None:
    save_settings(WindowSettings(output_device="Speakers", zoom=1.5))
    older, newer = load_settings(), load_settings()
    newer.output_device, newer.input_confirmed = "Box", True
    save_settings(newer)
    older.stage = True
    save_settings(older)
    assert load_settings() == WindowSettings(
        output_device="Box", zoom=1.5, input_confirmed=True, stage=True
    )
    older.output_device = "Headphones"
    save_settings(older)
    newer.zoom = 1.0
    save_settings(newer)
    assert (load_settings().output_device, load_settings().zoom) == ("Headphones", 1.0)
