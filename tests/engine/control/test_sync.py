"""What tempo and beat follow."""

import pytest

from innerear.engine.control.link_session import LinkSession
from innerear.engine.control.midi import MidiController
from innerear.engine.control.sync import Sync
from innerear.engine.musical_position import MusicalPosition
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.sync_sources import SYNC_SOURCES

JACK = MusicalPosition(beats=7.25, tempo_bpm=93.0)
LINK = MusicalPosition(beats=3.5, tempo_bpm=101.0)


class Session:
    """A Link session in which somebody else takes part."""

    def __init__(self, tempo_bpm: float) -> None:
        self.joined = True

    def position(self) -> MusicalPosition | None:
        return LINK

    def close(self) -> None:
        self.joined = False


class Setup:
    """A controller whose clock is turned by hand."""

    def __init__(self, sync: str, join: type = Session) -> None:
        self.time = 100.0
        self.parameters = ParameterSet(sync=sync, tempo_bpm=60)
        self.midi = MidiController(self.parameters, now=lambda: self.time)
        self.sync = Sync(self.parameters, self.midi, join)

    def send_clock(self, beats: int) -> None:
        self.midi.handle("port", b"\xfa", self.time)
        for _ in range(24 * beats):
            self.midi.handle("port", b"\xf8", self.time)
            self.time += 60 / 84 / 24

    @property
    def tempo_bpm(self) -> float:
        return self.parameters.number("tempo_bpm")


def rolling() -> MusicalPosition | None:
    return JACK


def stopped() -> MusicalPosition | None:
    return None


@pytest.mark.parametrize(
    ("choice", "followed", "tempo_bpm"),
    [
        ("auto", "midi", 84.0),
        ("midi", "midi", 84.0),
        ("jack", "jack", 93.0),
        ("link", "link", 101.0),
        ("none", "", 60.0),
    ],
)
def test_where_all_send_the_choice_decides(choice: str, followed: str, tempo_bpm: float) -> None:
    on = Setup(choice)
    on.sync.poll()
    on.send_clock(4)
    beats = on.sync.beats(rolling)
    assert on.sync.followed == followed
    assert on.tempo_bpm == pytest.approx(tempo_bpm, rel=1e-3)
    if choice in ("jack", "link"):
        assert beats == {"jack": 7.25, "link": 3.5}[choice]
    assert set(SYNC_SOURCES) == {"auto", "midi", "jack", "link", "none"}


def test_auto_follows_jack_once_the_clock_is_silent() -> None:
    on = Setup("auto")
    on.send_clock(4)
    on.time += 2
    assert on.sync.beats(rolling) == 7.25
    assert (on.sync.followed, on.tempo_bpm) == ("jack", 93.0)


def test_a_transport_without_a_tempo_counts_by_our_own() -> None:
    on = Setup("jack")
    assert on.sync.beats(lambda: MusicalPosition(seconds=3.0)) == 3.0
    assert on.tempo_bpm == 60.0


def test_a_transport_that_stands_leaves_the_beat_alone() -> None:
    on = Setup("jack")
    assert on.sync.beats(stopped) is None
    on.midi.act("transport-start")
    assert on.sync.beats(stopped) is not None  # our own
    assert on.sync.followed == ""


def test_a_link_session_is_joined_and_left_with_the_choice() -> None:
    joined: list[Session] = []

    def join(tempo_bpm: float) -> Session:
        joined.append(Session(tempo_bpm))
        return joined[-1]

    on = Setup("auto", join)  # type: ignore[arg-type]
    on.sync.poll()
    assert not joined
    on.parameters.set("sync", "link")
    on.sync.poll()
    assert joined[0].joined
    on.parameters.set("sync", "jack")
    on.sync.poll()
    assert not joined[0].joined


def test_a_missing_library_is_one_line_and_the_knob_goes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("innerear.engine.optional.find_spec", lambda name: None)
    on = Setup("link", LinkSession)
    (line,) = on.sync.poll()
    assert "pip install 'innerear[sync]'" in line
    assert on.parameters["sync"] == "auto"
    assert on.sync.poll() == []
