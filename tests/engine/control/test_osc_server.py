"""OSC over real UDP on loopback."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from innerear.engine.control.osc_server import MOST_ANSWERS, MOST_SUBSCRIBERS, OscServer
from innerear.engine.control.presets import Preset, save_preset
from innerear.engine.errors import DeviceError
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS

WAIT_SECONDS = 20.0  # at most; nothing here takes as long


class Client:
    """A controller on the same machine."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(WAIT_SECONDS)
        self.port = self.socket.getsockname()[1]
        self._server = ("127.0.0.1", port)

    def send(self, address: str, *arguments: object) -> None:
        builder = OscMessageBuilder("/innerear/" + address)
        for argument in arguments:
            builder.add_arg(argument)  # type: ignore[arg-type]
        self.socket.sendto(builder.build().dgram, self._server)

    def send_bytes(self, packet: bytes) -> None:
        self.socket.sendto(packet, self._server)

    def receive(self) -> tuple[object, ...]:
        (timed,) = OscPacket(self.socket.recv(65_535)).messages
        return timed.message.address.removeprefix("/innerear/"), *timed.message.params

    def ask(self, address: str, *arguments: object) -> tuple[object, ...]:
        self.send(address, *arguments)
        return self.receive()

    def receive_until(self, wanted: Callable[[tuple[object, ...]], bool]) -> tuple[object, ...]:
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            message = self.receive()
            if wanted(message):
                return message
        raise AssertionError("nothing like it came")


@pytest.fixture
def knobs() -> ParameterSet:
    return ParameterSet()


@pytest.fixture
def pressed() -> list[str]:
    return []


@pytest.fixture
def server(knobs: ParameterSet, pressed: list[str]) -> Iterator[OscServer]:
    def fail() -> None:
        raise RuntimeError("out of order")

    actions = {"panic": lambda: pressed.append("panic"), "broken": fail}
    with OscServer(knobs, port=0, actions=actions) as server:
        yield server


@pytest.fixture
def client(server: OscServer) -> Iterator[Client]:
    client = Client(server.port)
    yield client
    client.socket.close()


@pytest.mark.parametrize(
    ("id", "sent", "value"),
    [
        ("step", 0.5, 0.5),
        ("step", 2, 2.0),
        ("step", "0.25", 0.25),
        ("delay_ms", "1/8.", "1/8."),
        ("n_fft", 512, 512),
        ("n_fft", 512.0, 512),
        ("bypass", True, True),
        ("bypass", 1.0, True),
        ("freeze", 1, True),
        ("freeze", "on", True),
        ("target", "Child speech, kid speaking", "Child speech, kid speaking"),
        ("target", 12.0, "12"),
        ("combine", "flip", "flip"),
    ],
)
def test_every_kind_of_value_is_set_and_told(
    id: str, sent: object, value: object, client: Client, knobs: ParameterSet
) -> None:
    client.send(id, sent)
    assert client.ask(id) == (id, value)
    assert knobs[id] == value
    assert client.ask(f"{id}/get") == (id, value)


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        ("step", (9.0,), "step cannot be 9.0: it takes 0 to 2"),
        ("step", (float("nan"),), "step cannot be nan"),
        ("step", (True,), "step cannot be True"),
        ("step", (b"blob",), "step cannot be"),
        ("step", (1.0, 2.0), "step takes one value, not 2"),
        ("bypass", (0.5,), "bypass cannot be 0.5: it takes on or off"),
        ("n_fft", (float("inf"),), "n_fft cannot be inf"),
        ("combine", ("mas",), "Did you mean mask"),
        ("step/position", (1.5,), "step/position cannot be 1.5: it takes 0 to 1"),
        ("step/position", ("x",), "it takes 0 to 1"),
        ("layer/position", (0.5,), "no knob can turn it before a model is chosen"),
        ("step/gte", (), "It takes get or position"),
        ("stepp", (1.0,), "'/innerear/stepp'. Did you mean step"),
        ("preset", ("nothing-like-it",), "no preset 'nothing-like-it'"),
        ("preset", (), "takes one value, not 0"),
        ("subscribe", (70_000,), "it takes a port, 1 to 65535"),
        ("subscribe", ("here",), "it takes a port"),
    ],
)
def test_what_is_wrong_is_answered_in_one_line(
    address: str, arguments: tuple, words: str, client: Client, knobs: ParameterSet
) -> None:
    before = knobs.as_dict()
    where, line = client.ask(address, *arguments)
    assert where == "error"
    assert words in str(line)
    assert "\n" not in str(line)
    assert knobs.as_dict() == before


def test_another_address_is_answered_too(client: Client) -> None:
    client.send_bytes(OscMessageBuilder("/ping").build().dgram)
    assert "/ping" in str(client.receive()[1])


def test_positions_of_knobs(client: Client, knobs: ParameterSet) -> None:
    client.send("delay_ms/position", 0.5)
    assert client.ask("delay_ms/position") == ("delay_ms/position", 0.5)
    assert knobs["delay_ms"] == pytest.approx(2000 * 0.5 ** PARAMETERS["delay_ms"].curve)
    knobs.options["layer"] = ("conv1", "output")
    client.send("layer/position", 1)
    assert client.ask("layer") == ("layer", "output")


def test_all_values_at_once(client: Client) -> None:
    client.send("get")
    told = dict(client.receive() for _ in PARAMETERS)
    assert told == ParameterSet().as_dict()


def test_actions_are_pressed_and_not_let_go(client: Client, pressed: list[str]) -> None:
    client.send("panic")
    client.send("panic", 1.0)
    client.send("panic", 0.0)
    client.ask("step")
    assert pressed == ["panic", "panic"]


def test_an_action_that_fails_does_not_end_the_server(client: Client, server: OscServer) -> None:
    assert "out of order" in str(client.ask("broken")[1])
    assert "out of order" in server.problem
    assert client.ask("step")[0] == "step"


def test_presets(
    client: Client, knobs: ParameterSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    save_preset(Preset("quiet-one", {"step": 0.125}))
    assert "quiet-one" in client.ask("presets")
    client.send("preset", "quiet-one")
    assert client.ask("step") == ("step", 0.125)
    save_preset(Preset("dogs", {"model": "yamnet", "step": 2}))
    assert "models add yamnet" in str(client.ask("preset", "dogs")[1])
    assert knobs["step"] == 0.125


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"x",
        b"/",
        b"/innerear/step\0\0",
        b"/innerear/step\0\0,f\0\0",
        b"/innerear/step\0\0,s\0\0\xff\xff\xff\xff",
        b"/innerear/step\0\0,b\0\0\xff\xff\xff\xff",
        b"/innerear/step\0\0,[[[[",
        b"/\xff\xfe\0",
        b"#bundle\0",
        b"#bundle\0" + b"\xff" * 64,
        b"#bundle\0" + b"\0" * 8 + b"\x7f\xff\xff\xff" + b"x" * 16,
        bytes(range(256)) * 16,
    ],
)
def test_what_is_no_osc_is_passed_over(packet: bytes, client: Client, server: OscServer) -> None:
    client.send_bytes(packet)
    client.send("step", 0.5)
    client.send("step")
    assert client.receive_until(lambda message: message == ("step", 0.5))
    assert not server.problem


def test_a_bundle_for_next_year_is_played_now(client: Client, knobs: ParameterSet) -> None:
    message = OscMessageBuilder("/innerear/step")
    message.add_arg(0.5)
    dgram = message.build().dgram
    client.send_bytes(b"#bundle\0" + b"\xf0" + b"\0" * 7 + len(dgram).to_bytes(4, "big") + dgram)
    assert client.ask("step") == ("step", 0.5)


def test_subscribers_are_told_how_it_goes_and_what_moved(knobs: ParameterSet) -> None:
    state = {"levels": [0.5, 0.25], "target": "Brass", "late": 3, "playing": True}
    with OscServer(knobs, port=0, telemetry=lambda: state) as server:
        asking, listening = Client(server.port), Client(server.port)
        asking.send("subscribe", listening.port)
        told = {message[0]: message[1:] for message in (listening.receive() for _ in range(4))}
        assert told == {
            "telemetry/levels": (0.5, 0.25),
            "telemetry/target": ("Brass",),
            "telemetry/late": (3,),
            "telemetry/playing": (True,),
        }
        for step in range(1000):
            knobs.set("step", step / 1000)
        found = listening.receive_until(lambda message: message[0] == "step")
        while found[1] != pytest.approx(0.999):  # told at intervals, the last value for sure
            found = listening.receive_until(lambda message: message[0] == "step")
        state["late"] = 4
        listening.receive_until(lambda message: message == ("telemetry/late", 4))
        asking.send("unsubscribe", listening.port)
        assert asking.ask("step")[0] == "step"
        listening.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):  # what was on its way already comes to an end
            listening.receive_until(lambda message: False)


def test_a_subscriber_without_a_port_is_the_sender(knobs: ParameterSet) -> None:
    with OscServer(knobs, port=0, telemetry=lambda: {"age": 12.5}) as server:
        client = Client(server.port)
        client.send("subscribe")
        assert client.receive() == ("telemetry/age", 12.5)


def test_telemetry_that_fails_is_told_once_and_asked_again(knobs: ParameterSet) -> None:
    answers: list[dict[str, object] | None] = [{"late": 2}, None, None, {"late": 1}]

    def telemetry() -> dict[str, object]:
        answer = answers.pop() if answers else {"late": 3}
        if answer is None:
            raise DeviceError("The device has stopped.")
        return answer

    with OscServer(knobs, port=0, telemetry=telemetry) as server:
        client = Client(server.port)
        client.send("subscribe")
        told = [client.receive() for _ in range(4)]
    assert told == [
        ("telemetry/late", 1),
        ("error", "The device has stopped."),
        ("telemetry/late", 2),
        ("telemetry/late", 3),
    ]


def test_the_oldest_of_too_many_subscribers_goes(server: OscServer, client: Client) -> None:
    for port in range(20_000, 20_000 + MOST_SUBSCRIBERS + 3):
        client.send("subscribe", port)
    client.ask("step")
    ports = [port for _, port in server._subscribers]
    assert ports == list(range(20_003, 20_003 + MOST_SUBSCRIBERS))


def test_only_this_machine_is_listened_to_unless_told_otherwise(knobs: ParameterSet) -> None:
    with OscServer(knobs, port=0) as server:
        assert server.host == "127.0.0.1"
    with OscServer(knobs, port=0, host="0.0.0.0") as server:
        assert server.host == "0.0.0.0"


def test_a_port_that_is_taken_is_one_clear_line(server: OscServer, knobs: ParameterSet) -> None:
    with pytest.raises(DeviceError, match=f"OSC port {server.port} on 127.0.0.1 is taken"):
        OscServer(knobs, port=server.port)
    for host, port in (("256.1.1.1", 0), ("127.0.0.1", 70_000), ("192.0.2.1", 0)):
        with pytest.raises(DeviceError, match=f"cannot listen at {host}, port {port}") as caught:
            OscServer(knobs, host=host, port=port)
        assert "\n" not in str(caught.value)


def test_closed_is_closed(knobs: ParameterSet) -> None:
    server = OscServer(knobs, port=0)
    server.close()
    server.close()
    assert not knobs._observers
    with OscServer(knobs, port=server.port):
        pass


def test_an_action_cannot_take_a_parameters_name(knobs: ParameterSet) -> None:
    with pytest.raises(ValueError, match="freeze"):
        OscServer(knobs, port=0, actions={"freeze": lambda: None})


def test_a_large_bundle_gets_a_small_answer(client: Client, server: OscServer) -> None:
    from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder

    bundle = OscBundleBuilder(IMMEDIATELY)
    message = OscMessageBuilder("/innerear/get").build()
    for _ in range(2000):
        bundle.add_content(message)  # type: ignore[arg-type]
    sent: list[bytes] = []
    server.close()
    server._socket = SimpleNamespace(  # type: ignore[assignment]
        sendto=lambda packet, to: sent.append(packet)
    )
    server._receive(bundle.build().dgram, ("127.0.0.1", client.port))
    assert len(PARAMETERS) < len(sent) <= MOST_ANSWERS
