"""What loads what: the engine is light, and its public face is complete."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import innerear
from innerear.engine.optional import EXTRAS, require

HEAVY = (
    *("torch", "sounddevice", "matplotlib", "rich", "typer", "PySide6", "onnx"),
    *("distributed", "duckdb", "fsspec", "pyarrow"),
)


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
        ".library.building",
        ".library.library",
    ],
)
def test_the_engine_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, innerear{module};print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_forecast_loads_nothing_where_it_is_compiled() -> None:
    """A network's process would be half a second late for its first dream."""
    pytest.importorskip("innerear.engine.kernel._compiled", reason="no compiler was there")
    code = (
        "import sys, numpy; from innerear.engine.dsp.linear_prediction import forecast;"
        "forecast(numpy.ones(99, numpy.float32), 9); print('scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_midi_loads_nothing_that_the_audio_process_must_not() -> None:
    code = (
        "import sys, innerear.engine.control.midi;"
        "names = ('scipy', 'onnxruntime', 'soundfile', 'rtmidi');"
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("given", [None, "3"])
def test_the_command_line_computes_arrays_in_one_thread_unless_it_is_told_another(
    given: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    if given:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", given)
    code = (
        "import os; from innerear.cli import main; main(['--version']);"
        "print(os.environ['OPENBLAS_NUM_THREADS'], os.environ.get('OMP_NUM_THREADS'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == f"{given or 1} None"


def test_the_public_face_is_there() -> None:
    for name in innerear.__all__:
        assert getattr(innerear, name) is not None
    assert set(innerear.__all__) <= set(dir(innerear))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        innerear.nothing  # noqa: B018


def test_a_client_does_not_load_what_makes_the_sound() -> None:
    code = (
        "import sys, innerear.engine.live.session;"
        "names = ('live.server', 'control.control_dispatcher', 'control.midi',"
        "'live.inference_pool', 'ipc.inference_worker');"
        "print([name for name in names if f'innerear.engine.{name}' in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def loaded_by(code: str, *names: str) -> list[str]:
    """Return which of some modules a new process has loaded after it has run Python code."""
    code = f"{code}\nimport sys; print(*(name for name in {names} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_an_audio_servers_process_begins_light_so_that_its_first_network_starts_at_once() -> None:
    begin = "import innerear.engine.live.__main__, innerear.engine.live.plugin_server"
    engine = "innerear.engine"
    heavy = (f"{engine}.live.server", f"{engine}.ipc.inference_worker", f"{engine}.packs.pack")
    assert not loaded_by(begin, "numpy", "pydantic", *heavy)


def test_a_window_loads_plots_dialogs_and_what_renders_when_they_are_needed() -> None:
    pytest.importorskip("PySide6")
    later = (
        *("pyqtgraph", "scipy", "onnxruntime", "soxr"),
        *(f"innerear.gui.dialogs.{name}" for name in ("midi", "models", "presets", "library")),
        *("innerear.engine.control.midi", "innerear.engine.plugin.processor"),
    )
    assert not loaded_by("import innerear.gui.app", *later)


def test_a_command_is_loaded_without_the_others() -> None:
    pytest.importorskip("typer")
    others = tuple(f"innerear.cli.{name}" for name in ("render", "train", "bench.app", "live.live"))
    command = "from innerear.cli.app import command; command({!r})"
    assert not loaded_by(command.format("gui"), *others, "pydantic")
    assert len(loaded_by(command.format("--help"), *others)) == len(others)


def run_without(libraries: tuple[str, ...], code: str, *arguments: str) -> tuple[int, str, str]:
    """Run Python code in a process in which libraries are not installed.

    Args:
        libraries: names of modules that are not found.
        code: to run.
        arguments: for `sys.argv`.

    Returns:
        exit status, stdout, stderr.
    """
    hide = f"""
        import sys
        from importlib.machinery import PathFinder

        class Without(PathFinder):
            @classmethod
            def find_spec(cls, name, path=None, target=None):
                if name.partition(".")[0] in {libraries}:
                    return None
                return super().find_spec(name, path, target)

        sys.meta_path[sys.meta_path.index(PathFinder)] = Without
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(hide) + textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


OPTIONAL = tuple(EXTRAS)
COMMAND = "from innerear.cli import main; sys.exit(main(sys.argv[1:]))"


def test_the_library_renders_where_only_the_base_is_installed() -> None:
    code = """
        import numpy as np
        import innerear
        sound = np.random.default_rng(0).uniform(-0.1, 0.1, (1, 24_000)).astype(np.float32)
        print(innerear.render(sound, 48_000, target="Brass").shape)
        """
    assert run_without(OPTIONAL, code) == (0, "(1, 24000)\n", "")


@pytest.mark.parametrize(
    ("library", "arguments", "line"),
    [
        ("typer", ["--help"], "the command line needs typer; install it with: {}[cli]'"),
        ("rich", ["--help"], "the command line needs rich; install it with: {}[cli]'"),
        ("PySide6", ["gui"], "the window needs PySide6; install it with: {}[gui]'"),
        ("matplotlib", ["demo"], "the figure of the demo needs matplotlib; install it with:"
         " {}[plots]'"),
        ("matplotlib", ["hear", "a.wav", "--figure", "a.png"],
         "figures need matplotlib; install it with: {}[plots]'"),
        ("matplotlib", ["spectra", "samplecnn-digits", "-o", "spectra"],
         "figures need matplotlib; install it with: {}[plots]'"),
        ("matplotlib", ["dream", "--paper", "paper"],
         "figures need matplotlib; install it with: {}[plots]'"),
        ("duckdb", ["library", "find", "dreams"],
         "a library needs duckdb; install it with: {}[library]'"),
        ("distributed", ["library", "build", "a.wav", "-o", "dreams"],
         "a build in several processes needs distributed; install it with: {}[library]'"),
        ("torch", ["train", "--list"],
         "this command needs torch; install it with: {}[torch]'"),
    ],
)  # fmt: skip
def test_a_missing_library_is_one_line_and_nothing_is_written(
    library: str,
    arguments: list[str],
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    pip = "pip install 'innerear"
    expected = f"innerear: error: {line.format(pip)}\n"
    assert run_without((library,), COMMAND, *arguments) == (2, "", expected)
    assert not list(tmp_path.iterdir())


def test_several_missing_libraries_are_named_together() -> None:
    code = "from innerear.engine.optional import require; require('x needs', 'onnx', 'torch')"
    status, _, error = run_without(("onnx", "torch"), code)
    assert status == 1
    assert "x needs onnx, torch; install them with: pip install 'innerear[torch]'" in error
    require("nothing needs", "numpy")
