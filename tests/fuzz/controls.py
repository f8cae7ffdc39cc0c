"""Readers of what turns knobs: presets, mappings, MIDI, OSC, requests, states, small files."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from innerear.cli.export.network import _keywords, _names
from innerear.engine.analysis.onsets import read_onsets
from innerear.engine.control.control_dispatcher import ControlDispatcher
from innerear.engine.control.control_state import read_control_state
from innerear.engine.control.favourites import favourite_presets, favourites_file
from innerear.engine.control.host_state import HostState
from innerear.engine.control.midi import MidiController
from innerear.engine.control.midi.mapping_files import available_mappings, load_mapping
from innerear.engine.control.osc_query import address_tree, host_info
from innerear.engine.control.osc_query_server import answer
from innerear.engine.control.osc_server import OscServer
from innerear.engine.control.presets import available_presets, load_preset, save_preset
from innerear.engine.control.requests import REQUESTS, read_request
from innerear.engine.errors import InnerearError
from innerear.engine.io.jack.connections import Connections
from innerear.engine.ipc.rpc import RequestServer
from innerear.engine.live.live_status import FileStatus, LiveStatus
from innerear.engine.live.server_address import read_address
from innerear.engine.live.server_settings import ServerSettings, read_settings, save_settings
from innerear.engine.packs.pack import load_pack
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS
from innerear.gui.state.left import left_file, load_left
from innerear.gui.state.settings import load_settings, settings_file
from innerear.library.plan import plan, read_grid
from innerear.plugin.record import read_record

from .mutations import mutate_bytes, mutate_json, mutate_lines, mutate_text
from .target import Read, Target

_SECRET = "5ec2e7"


def _in_file(name: str, read: Callable[[Path], object]) -> Callable[[Path], Read]:
    """Return what prepares a reader of a file of that name."""

    def prepare(folder: Path) -> Read:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)

        def write_and_read(data: bytes) -> None:
            path.write_bytes(data)
            read(path)

        return write_and_read

    return prepare


def _in_users_file(place: Callable[[], Path], read: Callable[[], object]) -> Callable[[Path], Read]:
    """Return what prepares a reader of a file among the user's settings."""

    def prepare(folder: Path) -> Read:
        place().parent.mkdir(parents=True, exist_ok=True)

        def write_and_read(data: bytes) -> None:
            place().write_bytes(data)
            read()

        return write_and_read

    return prepare


def _preset(path: Path) -> None:
    preset = load_preset(path)
    assert preset.problem is not None
    preset.apply(ParameterSet())
    save_preset(preset, replace=True)
    load_preset(preset.name)


def _mapping(path: Path) -> None:
    mapping = load_mapping(path)
    controller = MidiController(ParameterSet(), {}, mapping)
    for number in range(128):
        controller.handle("port", [0xB0, number, number], float(number))


def _midi(folder: Path) -> Read:
    parameters = ParameterSet()
    mapping = load_mapping(next(iter(available_mappings())))
    controller = MidiController(parameters, {}, mapping)

    def read(data: bytes) -> None:
        for at in range(0, len(data), 7):
            controller.handle("port", data[at : at + 7], at / 1000)
        assert not controller.problem, controller.problem

    return read


def _osc(folder: Path) -> Read:
    server = OscServer(ParameterSet(), port=0)
    server.close()
    sent: list[bytes] = []
    server._socket = SimpleNamespace(sendto=lambda packet, to: sent.append(packet))  # type: ignore[assignment]

    def read(data: bytes) -> None:
        server.problem = ""
        sent.clear()
        server._receive(data[:65_535], ("127.0.0.1", 9001))
        server._send_telemetry()
        assert not server.problem or "could not be sent" in server.problem, server.problem
        assert sum(map(len, sent)) <= 4_000_000, "the answer is far longer than the question"

    return read


def _osc_query(folder: Path) -> Read:
    parameters, info = ParameterSet(), host_info(None, 9000)

    def read(data: bytes) -> None:
        status, found = answer(
            data.decode("latin-1"), lambda: address_tree(parameters, ["panic"]), info
        )
        json.dumps(found)
        assert 200 <= status < 500

    return read


def _requests(folder: Path) -> Read:
    dispatcher = ControlDispatcher(ParameterSet(), clear=lambda: None)
    server = RequestServer(_SECRET, lambda data: dispatcher.answer(read_request(data)))
    server.close()

    def read(data: bytes) -> None:
        request = server._request(data)
        if request is not None:
            assert len(json.dumps(server._reply(request))) < 1 << 20
        dispatcher.poll(sound_plays=False)

    # MIDI devices are the machine's, and none of a request's business.
    dispatcher._ports.poll = lambda sound_plays: []  # type: ignore[method-assign]
    return read


def _host_state(folder: Path) -> Read:
    state = HostState(ParameterSet())

    def read(data: bytes) -> None:
        state.recall(data.decode("utf-8", "replace"))
        state.text()

    return read


def _status(data: bytes) -> None:
    found = LiveStatus.from_json(data.decode("utf-8", "replace"))
    json.dumps(found.measurements)


def _names_of_things(data: bytes) -> None:
    """Take a text as everything that a flag may name."""
    text = data.decode("utf-8", "surrogateescape").replace("\0", "")
    for read in (load_pack, load_preset, load_mapping, _names, _keywords):
        try:
            read(text)  # type: ignore[operator]
        except InnerearError:
            continue


def _grid(path: Path) -> None:
    grid = read_grid(path)
    plan([], grid)


def _presets() -> tuple[bytes, ...]:
    shipped = [path.read_bytes() for path in available_presets().values()]
    old = {"schema_version": 1, "name": "old", "step": 1.5, "target": "Brass"}
    third = {"schema_version": 3, "title": "Third", "parameters": {"delay_ms": "1/8."}}
    return (*shipped[:6], json.dumps(old).encode(), json.dumps(third).encode())


def _asked() -> tuple[bytes, ...]:
    control = {"kind": "cc", "number": 7}
    values: dict[str, Any] = {
        "action": "panic",
        "arguments": [],
        "preset": "brass-halo",
        "slot": "a",
        "values": {"step": 1.0},
        "target": "step",
        "binding": {"control": control, "parameter": "step"},
        "mapping": next(iter(available_mappings())),
        "after": 0,
        "path": "a.wav",
        "seconds": 1.0,
    }
    found = []
    for name, kind in REQUESTS.items():
        known = {id: values[id] for id in kind.__dataclass_fields__ if id in values}
        if name.startswith("midi-learn"):
            known.pop("preset", None)
        found.append(json.dumps({"secret": _SECRET, "do": name, **known}).encode())
    return tuple(found)


def _messages() -> tuple[bytes, ...]:
    from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
    from pythonosc.osc_message_builder import OscMessageBuilder

    def message(address: str, *values: Any) -> Any:
        builder = OscMessageBuilder(address)
        for value in values:
            builder.add_arg(value)
        return builder.build()

    root = "/innerear/"
    given = [message(root + id, parameter.default) for id, parameter in PARAMETERS.items()]
    given += [message(root + "get"), message(root + "subscribe", 9002), message(root + "presets")]
    given += [message(root + "preset", "brass-halo"), message(root + "step/position", 0.5)]
    bundle = OscBundleBuilder(IMMEDIATELY)
    for _ in range(3):
        for each in given[-6:]:
            bundle.add_content(each)
    return (*(each.dgram for each in given), bundle.build().dgram)


def _state() -> tuple[bytes, ...]:
    state = HostState(ParameterSet())
    state._parameters.set("target", "Brass")
    return (state.text().encode(),)


def _status_text() -> tuple[bytes, ...]:
    full = LiveStatus(playing=True, layers={"output": 3}, file=FileStatus("a.wav"))
    return LiveStatus().to_json().encode(), full.to_json().encode()


def _settings_seed() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        save_settings(Path(folder), ServerSettings())
        (path,) = Path(folder).iterdir()
        return path.read_bytes()


_CONTROL = {"preset": "a", "a": {"name": "x", "parameters": {"step": 1.0}}, "b": None}
_LEFT = {"parameters": ParameterSet().as_dict(), "control": _CONTROL}
_GRID = b"""method = "render"
model = ["samplecnn-digits"]
target = ["seven", "three*2 + four"]
[settings]
step = [0.5, 1]
n_fft = 1024
"""
_ADDRESS = {"port": 4000, "secret": "abc", "pid": 1, "birth": "1"}
_PLUGIN = {"version": "1", "sources": "ab", "files": ["a/b.so"]}
_JACK = {"client": "innerear", "ports": {"in_1": ["system:capture_1"]}}
_WINDOW = {"input_device": "a", "sample_rate": 48000, "sidechain": [3], "zoom": 1.25}
_URLS = (b"/innerear/step?VALUE", b"/", b"/?HOST_INFO", b"/innerear/step/position")
_WORDS = ("?", "VALUE", "/", "//[", "%2f", "%", "#", ":", "CONTENTS")
_TOML = ("=", "[", "]", "[settings]", '"""', "nan", "inf", "1979-05-27", "[[", "target", "{", "e99")
_FLAGS = (b"samplecnn-digits", b"brass-halo", b'{"width": 64}', b"a,b,c", b"a/b")
_FLAG_WORDS = (",", ":", "/", "{", "[" * 50_000, "..", ".json", "~", "*0.5")


def _json(*data: Any) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(json.dumps(each).encode() for each in data)


TARGETS = (
    Target("preset", _in_file("wild.json", _preset), _presets, mutate_json),
    Target(
        "mapping",
        _in_file("map.json", _mapping),
        lambda: tuple(path.read_bytes() for path in available_mappings().values()),
        mutate_json,
    ),
    Target("midi", _midi, lambda: (bytes(range(128, 256)) * 4, b"\xb0\x07\x40\x08"), mutate_bytes),
    Target("osc", _osc, _messages, mutate_bytes),
    Target("osc-query", _osc_query, lambda: _URLS, mutate_text(_WORDS)),
    Target("request", _requests, _asked, mutate_json),
    Target("host-state", _host_state, _state, mutate_json),
    Target("status", lambda folder: _status, _status_text, mutate_json),
    Target("name", lambda folder: _names_of_things, lambda: _FLAGS, mutate_text(_FLAG_WORDS)),
    Target("onsets", _in_file("on.txt", read_onsets), lambda: (b"0.5\n1.25, x\n",), mutate_bytes),
    Target("grid", _in_file("grid.toml", _grid), lambda: (_GRID,), mutate_text(_TOML)),
    Target(
        "control-state",
        _in_file("control.json", lambda path: read_control_state(path.parent)),
        _json(_CONTROL),
        mutate_json,
    ),
    Target("left", _in_users_file(left_file, load_left), _json(_LEFT), mutate_json),
    Target("window", _in_users_file(settings_file, load_settings), _json(_WINDOW), mutate_json),
    Target(
        "favourites",
        _in_users_file(favourites_file, favourite_presets),
        _json(["a", "b"]),
        mutate_json,
    ),
    Target(
        "jack",
        _in_file("jack.json", lambda path: Connections(path.parent)),
        _json(_JACK),
        mutate_json,
    ),
    Target(
        "server-address",
        _in_file("address.json", lambda path: read_address(path.parent)),
        _json(_ADDRESS),
        mutate_json,
    ),
    Target(
        "server-settings",
        _in_file("settings.json", lambda path: read_settings(path.parent)),
        lambda: (_settings_seed(),),
        mutate_json,
    ),
    Target(
        "plugin-record",
        _in_file("innerear.json", lambda path: read_record(path.parent)),
        _json(_PLUGIN),
        mutate_lines(mutate_json),
    ),
)
