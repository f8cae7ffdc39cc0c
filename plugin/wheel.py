"""Packs built bundles into a wheel, `innerear-plugin`, for computers without a compiler.

python -m innerear.plugin.wheel OUTPUT_FOLDER
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .._version import VERSION
from ..engine.files import write_text
from .built import WHEEL, find_or_build
from .formats import FORMATS, PluginError

# The libraries are of one platform, but of no version of Python.
_PROJECT = f"""\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "innerear-plugin"
version = "{VERSION}"
description = "Built bundles of the plug-in of Innerear; install them: innerear plugin install"
license = "MIT"
requires-python = ">=3.11"
dependencies = ["innerear=={VERSION}"]

[tool.setuptools]
packages = ["{WHEEL}"]

[tool.setuptools.package-data]
{WHEEL} = ["bundles/**"]

[tool.distutils.bdist_wheel]
plat_name = "linux_x86_64"
"""


def write_project(folder: Path, built: Path) -> None:
    """Write the project that the wheel is made from.

    Args:
        folder: an empty one.
        built: the folder of the bundles.
    """
    package = folder / WHEEL
    for format_ in FORMATS.values():
        shutil.copytree(built / format_.bundle, package / "bundles" / format_.bundle)
    write_text(package / "__init__.py", '"""Built bundles of the plug-in of Innerear."""\n')
    write_text(folder / "pyproject.toml", _PROJECT)


def make_wheel(output: Path, built: Path, options: Sequence[str] = ()) -> Path:
    """Make the wheel; return its path.

    Args:
        output: the folder for it; it is made where it is missing.
        built: the folder of the bundles.
        options: of `pip wheel`.

    Raises:
        PluginError: pip refuses.
    """
    with tempfile.TemporaryDirectory() as folder:
        project, made = Path(folder, "project"), Path(folder, "made")
        project.mkdir()
        write_project(project, built)
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(made)]
        done = subprocess.run(
            [*command, *options, str(project)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise PluginError(f"pip makes no wheel: {done.stderr.strip().splitlines()[-1]}")
        (wheel,) = made.glob("*.whl")
        output.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(wheel, output))


if __name__ == "__main__":
    print(make_wheel(Path(sys.argv[1]), find_or_build()))
