"""What `import innerear` offers: every example runs, and Python's defaults are the commands'."""

import doctest
import inspect
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import soundfile

import innerear
from innerear.cli.app import command
from innerear.cli.maximise import _method
from innerear.engine.analysis.dream_settings import DREAM_SETTINGS, OFFLINE_DEFAULTS
from innerear.engine.analysis.method import Method
from innerear.engine.defaults import BLOCK_SIZE, MAXIMISE_STEPS, PACK
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.parameters import PARAMETERS

DOCS = Path(__file__).resolve().parent.parent / "docs"


def _public() -> Iterator[tuple[str, Any]]:
    """Yield every public function and class with its name."""
    for name in innerear.__all__:
        found = getattr(innerear, name)
        if isinstance(found, ModuleType):
            yield from ((f"{name}.{each}", getattr(found, each)) for each in found.__all__)
        elif callable(found):
            yield name, found


PUBLIC = dict(_public())
# Errors differ in nothing but their name: the root's example stands for all.
NEED_EXAMPLES = {
    name: found
    for name, found in PUBLIC.items()
    if not (name.startswith("errors.") and found is not innerear.InnerearError)
}


@pytest.fixture
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep what examples save, and what they play, away from the user's own."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.mark.parametrize("name", NEED_EXAMPLES)
@pytest.mark.usefixtures("own_folders")
def test_every_public_name_has_examples_that_run(name: str, require: Callable[..., None]) -> None:
    if name == "Library":
        require("library")
    found = NEED_EXAMPLES[name]
    text = inspect.getdoc(found) or ""
    assert "\nExamples:\n" in text
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    assert example.examples
    report: list[str] = []
    runner = doctest.DocTestRunner()
    runner.run(example, out=report.append)
    assert runner.failures == 0, "".join(report)


SOUND_FUNCTIONS = ("hear", "dream", "render", "auralise")
PACK_FUNCTIONS = ("maximise", "spectra")


def test_functions_have_one_signature() -> None:
    for name in SOUND_FUNCTIONS:
        first = list(inspect.signature(getattr(innerear, name)).parameters.values())[:3]
        assert [each.name for each in first] == ["sound", "sample_rate", "pack"]
    for name in PACK_FUNCTIONS:
        assert next(iter(inspect.signature(getattr(innerear, name)).parameters)) == "pack"


@pytest.mark.parametrize("name", SOUND_FUNCTIONS)
def test_a_pack_is_a_name_a_folder_or_an_object(name: str) -> None:
    sound = short_phrase()[:, : SAMPLE_RATE // 2]
    pack = innerear.load("stftcnn-instruments")
    settings: dict[str, Any] = {"steps": 1} if name == "dream" else {}
    function: Callable[..., Any] = getattr(innerear, name)
    results = [
        function(sound, SAMPLE_RATE, given, **settings)
        for given in (pack.name, pack.folder, str(pack.folder), pack)
    ]
    arrays = [each.scores if name == "hear" else np.asarray(each) for each in results]
    for other in arrays[1:]:
        np.testing.assert_array_equal(arrays[0], other)


@pytest.mark.parametrize("name", PACK_FUNCTIONS)
def test_a_network_is_a_name_a_folder_or_an_object(name: str, toy_pack: Path) -> None:
    what = ("tones:1",) if name == "maximise" else ()
    function: Callable[..., Any] = getattr(innerear, name)
    results = [
        function(given, *what, steps=2)
        for given in (toy_pack, str(toy_pack), innerear.load(toy_pack))
    ]
    sounds = [
        each.sound if name == "maximise" else each.layers["tones"].waveforms for each in results
    ]
    for other in sounds[1:]:
        np.testing.assert_array_equal(sounds[0], other)


def test_a_model_among_the_parameters_is_rendered(toy_pack: Path) -> None:
    sound = short_phrase()[:, : SAMPLE_RATE // 4]
    np.testing.assert_array_equal(
        innerear.render(sound, SAMPLE_RATE, model=str(toy_pack)),
        innerear.render(sound, SAMPLE_RATE, toy_pack),
    )
    with pytest.raises(innerear.errors.ParameterError, match="give one of them"):
        innerear.render(sound, SAMPLE_RATE, toy_pack, model="yamnet")


def test_errors_can_be_imported_from_their_module() -> None:
    from innerear.engine import errors
    from innerear.errors import ModelError

    assert ModelError is errors.ModelError
    declared = {
        name
        for name, found in vars(errors).items()
        if isinstance(found, type) and issubclass(found, Exception)
    }
    assert declared == set(innerear.errors.__all__)


def _options(name: str) -> dict[str, Any]:
    """Return the defaults of a command's options by their names in Python."""
    group = command()
    parameters = group.get_command(None, name).params
    return {each.name: each.default for each in parameters if each.param_type_name == "option"}


# What is of the command line alone: files to write, what to print, and presets.
_OF_THE_COMMAND = {
    *("as_json", "figure", "table", "report", "output", "destination", "folder", "process"),
    *("every", "paper", "onsets", "rank_onsets", "write_templates", "preset", "morph_to", "help"),
    # Python asks a `Judge` about any sound.
    "judge",
    # Python takes a pack that was loaded for a device.
    "device",
    # Python writes where it is told to; only a command asks before it replaces a file.
    "force",
}
_RENAMED = {"model": "pack", "block": "block_size", "layer": "layers"}
# Python takes these as parts of a `Method`, which has a test of its own.
_OF_THE_METHOD = {
    *("converge", "optimiser", "rate", "jitter_ms", "gain_db", "noise_db", "mask_octaves"),
    *("audible", "parameterisation", "steps"),
}


@pytest.mark.parametrize(
    "name", ["render", "hear", "dream", "auralise", "maximise", "spectra", "replay"]
)
def test_python_has_the_defaults_of_the_command(name: str) -> None:
    arguments = inspect.signature(getattr(innerear, name)).parameters
    declared = {"render": PARAMETERS, "dream": DREAM_SETTINGS}.get(name, {})
    compared = 0
    for option, default in _options(name).items():
        if option in _OF_THE_COMMAND and option not in arguments:
            continue
        if option in declared and option not in arguments:
            assert default is None  # so that the declared default, of both, is taken
            continue
        if name in ("maximise", "spectra") and option in _OF_THE_METHOD:
            continue
        key = option if option in arguments else _RENAMED[option]
        if key == "folder":  # Python may keep nothing
            continue
        expected = PACK if (name, key) == ("dream", "pack") and default is None else default
        assert arguments[key].default == expected, option
        compared += 1
    assert compared >= 1


def test_the_default_method_is_the_command_s() -> None:
    defaults = {key: value for key, value in _options("maximise").items() if key in _OF_THE_METHOD}
    assert defaults["steps"] is None
    assert _method(**defaults) == Method()
    assert Method().steps == MAXIMISE_STEPS


def test_a_render_by_default_is_the_command_s(toy_pack: Path, tmp_path: Path) -> None:
    from innerear.cli import main

    sound = short_phrase()[:, : SAMPLE_RATE // 2]
    soundfile.write(tmp_path / "in.wav", sound.T, SAMPLE_RATE, "FLOAT")
    files = [str(tmp_path / name) for name in ("in.wav", "out.wav")]
    assert main(["render", *files, "--model", str(toy_pack)]) == 0
    rendered, _ = soundfile.read(files[1], dtype="float32", always_2d=True)
    np.testing.assert_array_equal(rendered.T, innerear.render(sound, SAMPLE_RATE, toy_pack))
    assert inspect.signature(innerear.render).parameters["block_size"].default == BLOCK_SIZE


def test_offline_defaults_that_differ_from_live_ones_are_declared_and_documented() -> None:
    shared = [id for id in DREAM_SETTINGS if id in PARAMETERS]
    differ = {
        id: DREAM_SETTINGS[id].default
        for id in shared
        if DREAM_SETTINGS[id].default != PARAMETERS[id].default
    }
    assert differ == dict(OFFLINE_DEFAULTS)
    text = (DOCS / "python.md").read_text()
    for id, default in differ.items():
        assert f"| `{id}` | {PARAMETERS[id].default} | {default} |" in text


def test_the_documentation_names_everything_public() -> None:
    text = (DOCS / "python.md").read_text()
    for name in innerear.__all__:
        assert name in text or name == "__version__", name
