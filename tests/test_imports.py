"""What loads what: the engine is light, and its public face is complete."""

import subprocess
import sys

import pytest

import innerear

HEAVY = ("torch", "sounddevice", "matplotlib", "rich", "typer", "PySide6", "onnx")


@pytest.mark.parametrize(
    "module",
    [
        "",
        ".engine",
        ".engine.live.session",
        ".engine.plugin.render",
        ".engine.plugin.processor",
        ".engine.io.devices",
        ".engine.control.midi",
    ],
)
def test_the_engine_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, innerear{module};print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_midi_loads_nothing_that_the_audio_process_must_not() -> None:
    code = (
        "import sys, innerear.engine.control.midi;"
        "names = ('scipy', 'onnxruntime', 'soundfile', 'rtmidi');"
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_public_face_is_there() -> None:
    for name in innerear.__all__:
        assert getattr(innerear, name) is not None
    assert set(innerear.__all__) <= set(dir(innerear))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        innerear.nothing  # noqa: B018


def test_a_front_does_not_load_what_makes_the_sound() -> None:
    code = (
        "import sys, innerear.engine.live.session;"
        "names = ('live.server', 'control.control_dispatcher', 'control.midi',"
        "'live.inference_pool', 'ipc.inference_worker');"
        "print([name for name in names if f'innerear.engine.{name}' in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
