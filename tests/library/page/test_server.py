"""Where the page is served, and the instrument that it plays on."""

import re
import socket
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.control.presets import Preset
from innerear.engine.errors import DeviceError, PresetError
from innerear.engine.io.audio_files import SoundWriter
from innerear.engine.live.session import Session
from innerear.library.library import Library
from innerear.library.page.instrument import play_live
from innerear.library.page.server import hosts_of, serve


@pytest.mark.parametrize(
    ("host", "complaint"),
    [
        ("0.0.0.0", "is every address"),
        ("::", "is every address"),
        ("example.org", "is no address"),
        ("192.0.2.7", "cannot be used: Cannot assign requested address"),
    ],
)
def test_an_address_that_cannot_be_served_is_refused(
    folder: Path, host: str, complaint: str
) -> None:
    with pytest.raises(DeviceError, match=complaint):
        serve(Library(folder), host, 0)


@pytest.mark.parametrize(
    ("host", "port", "hosts"),
    [
        ("127.0.0.1", 8765, {"127.0.0.1:8765", "localhost:8765"}),
        ("::1", 80, {"[::1]:80", "localhost:80", "[::1]", "localhost"}),
        ("192.0.2.7", 80, {"192.0.2.7:80", "192.0.2.7"}),
    ],
)
def test_a_browser_names_the_port_unless_it_is_the_usual_one(
    host: str, port: int, hosts: set[str]
) -> None:
    assert hosts_of(host, port) == hosts


def test_a_port_that_is_taken_is_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        complaint = f"127.0.0.1, port {port} cannot be used: Address already in use; name another"
        with pytest.raises(DeviceError, match=re.escape(complaint)):
            serve(Library(folder), port=port)


@pytest.mark.parametrize("of_a_window", [True, False], ids=["window", "live"])
def test_a_preset_is_played_by_the_instrument_that_plays(tmp_path: Path, of_a_window: bool) -> None:
    phrase = tmp_path / "phrase.wav"
    with SoundWriter(phrase, 16_000, 1) as writer:
        writer.write(np.full((1, 16_000), 0.01, np.float32))
    seven = Preset("seven", {"model": "samplecnn-digits", "target": "seven", "step": 0.5}, "Seven")
    with Session("samplecnn-digits") as session:
        session.start_file(phrase, keep_alive=of_a_window)
        before = session.parameters["target"]
        assert play_live(seven, "b") == "It is in slot B."
        assert session.parameters["target"] == before
        session.set("morph", 0.3)
        assert play_live(seven) == "It plays."
        assert session.parameters["morph"] == 0.0
        assert (session.parameters["target"], session.parameters["step"]) == ("seven", 0.5)
        eight = Preset("eight", {"model": "samplecnn-digits", "target": "Brass"})
        with pytest.raises(PresetError, match="cannot be played here"):
            play_live(eight)
        assert session.parameters["target"] == "seven"
    with pytest.raises(DeviceError, match="No instrument plays"):
        play_live(seven)
