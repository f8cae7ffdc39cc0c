"""What a server opens reaches its process unchanged."""

import os
from pathlib import Path

from innerear.engine.live.live_status import Message
from innerear.engine.live.server_settings import ServerSettings, read_settings, save_settings


def test_settings_are_read_as_they_were_saved(tmp_path: Path) -> None:
    settings = ServerSettings(
        output_device=3,
        sidechain=(3, 4),
        file=os.fsdecode(b"/tmp/b\xe9lls.wav"),  # names need not be UTF-8
        messages=(Message(1, "one"),),
    )
    save_settings(tmp_path, settings)
    assert read_settings(tmp_path) == settings
