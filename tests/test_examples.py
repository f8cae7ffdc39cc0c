"""The scripts in `examples/` run as a user runs them, and stay short."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .thinning import thinned

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

SLOW = {"teach_new_sounds", "custom_torch_network", "morph_two_presets"}
# Script -> small settings, the components it needs, what it writes, and a word that it prints.
RUNS: dict[str, tuple[list[str], tuple[str, ...], tuple[str, ...], str]] = {
    "dream_a_file": (
        ["--seconds", "1", "--steps", "2"],
        (),
        ("dreamed.wav",),
        "Singing voice after",
    ),
    "live_set_with_osc": (["--seconds", "1.5"], (), (), "'target': 'Brass', 'feedback': 0.4"),
    "custom_torch_network": (
        ["--seconds", "0.5"],
        ("torch",),
        ("dreamed-by-torch.wav",),
        "high after",
    ),
    "onset_units_study": (["--shown", "3"], (), ("onset-units.png",), "precision"),
    "morph_two_presets": (
        ["--seconds", "0.5", "--positions", "2"],
        (),
        ("morph/morph-000.wav", "morph/morph-100.wav"),
        "Brass",
    ),
    "teach_new_sounds": (
        ["--sounds", "3", "--seconds", "0.5", "--model", "samplecnn-digits"],
        ("torch",),
        ("taught/my-sounds/manifest.json", "taught/dreamed.wav"),
        "recognised",
    ),
}


def test_every_script_is_tested_and_short() -> None:
    scripts = {path.stem: path for path in EXAMPLES.glob("*.py")}
    assert set(scripts) == set(RUNS)
    for path in scripts.values():
        assert len(path.read_text().splitlines()) < 60, path


# To teach is what the tests of `innerear teach` do each time, too.
@pytest.mark.parametrize("name", thinned(RUNS, RUNS.keys() - SLOW))
def test_a_script_runs(name: str, tmp_path: Path, require: Callable[..., None]) -> None:
    settings, needed, written, word = RUNS[name]
    require(*needed)
    folders = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), *settings],
        cwd=tmp_path,
        env={**os.environ, **dict.fromkeys(folders, str(tmp_path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert word in done.stdout
    for file in written:
        assert (tmp_path / file).stat().st_size > 0, file
