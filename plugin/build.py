"""Builds the plug-in's bundles: one source in C++ over DPF, compiled once for each format."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from .._version import VERSION
from ..engine.cores import cores
from ..engine.files import disk_error, exchange_folders, sweep
from .formats import FORMATS, Format, FormatName, PluginError
from .header import header, write_header
from .record import write_record

SHELL = Path(__file__).resolve().parent / "shell"
"""The plug-in's source."""
DPF = Path("/usr/share/dpf")
"""Where Debian's package dpf-source puts the DISTRHO Plugin Framework."""
_COMPILER = "g++"
_WORKSHOP = ".building-"
# Hosts bring C++ libraries of their own; only what a host must find is visible.
_FLAGS = (
    *("-O2", "-DNDEBUG", "-fPIC", "-shared", "-std=gnu++17", "-fvisibility=hidden"),
    *("-static-libstdc++", "-static-libgcc"),
)
_LIBRARIES = ("-lpthread", "-ldl", "-lrt", "-Wl,--no-undefined", "-Wl,--strip-all")

_DESCRIBE_LV2 = (
    "import ctypes, sys; ctypes.CDLL(sys.argv[1]).lv2_generate_ttl(sys.argv[2].encode())"
)


def fingerprint() -> str:
    """Return a checksum of all that is compiled: the shell's source, and the parameters."""
    total = hashlib.sha256(header().encode())
    for path in sorted(SHELL.rglob("*")):
        if path.is_file():
            total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def build(folder: Path, dpf: Path = DPF) -> Mapping[FormatName, Path]:
    """Compile the plug-in for all formats.

    Args:
        folder: for the bundles; it is made where it is missing. Earlier bundles in it are
            replaced once all new ones are complete.
        dpf: the folder of DPF, with `distrho` in it.

    Returns:
        The bundle of each format, by the format's name.

    Raises:
        PluginError: the compiler or DPF is missing, or the disk or the compiler refuses.
    """
    compiler = _find_compiler(dpf)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder, f"{_WORKSHOP}*")
        with tempfile.TemporaryDirectory(prefix=_WORKSHOP, dir=folder) as made:
            workshop = Path(made)
            write_header(workshop)
            build_one = partial(_build_one, workshop=workshop, compiler=compiler, dpf=dpf)
            with ThreadPoolExecutor(cores()) as pool:
                bundles = list(pool.map(build_one, FORMATS.values()))
            for bundle in bundles:
                exchange_folders(bundle, folder / bundle.name, workshop / f"old-{bundle.name}")
    except OSError as problem:
        raise disk_error(folder, problem, PluginError) from problem
    return {name: folder / format_.bundle for name, format_ in FORMATS.items()}


def _find_compiler(dpf: Path) -> str:
    if platform.system() != "Linux":
        raise PluginError("The plug-in is built on Linux only so far; docs/plugin.md says more.")
    wanted = os.environ.get("CXX", _COMPILER)
    compiler = shutil.which(wanted)
    missing = [f"the compiler {wanted}"] if compiler is None else []
    if not (dpf / "distrho" / "DistrhoPluginMain.cpp").is_file():
        missing.append(f"DPF (no distrho in {dpf})")
    if missing or compiler is None:
        raise PluginError(
            f"The plug-in cannot be built without {' and '.join(missing)}; on Debian and Ubuntu:"
            " apt install g++ dpf-source; elsewhere a checkout of DPF: --dpf <folder>"
        )
    return compiler


def _build_one(format_: Format, workshop: Path, compiler: str, dpf: Path) -> Path:
    """Build one format's bundle in `workshop`, where the header lies; return it."""
    bundle = workshop / format_.bundle
    binary = bundle / format_.binary
    binary.parent.mkdir(parents=True)
    (bundle / format_.resources).mkdir(exist_ok=True)
    sources = (SHELL / "Plugin.cpp", dpf / "distrho" / "DistrhoPluginMain.cpp")
    includes = (f"-I{folder}" for folder in (workshop, SHELL, dpf / "distrho"))
    target = f"-DDISTRHO_PLUGIN_TARGET_{format_.title}"
    files = (*map(str, sources), "-o", str(binary))
    _run([compiler, *_FLAGS, *includes, target, *files, *_LIBRARIES], "it does not compile")
    if format_.name == FormatName.LV2:
        _describe(format_, bundle)
    write_record(bundle, VERSION, fingerprint())
    return bundle


def _describe(format_: Format, bundle: Path) -> None:
    """Write what hosts of LV2 read before they load the library; it writes that itself."""
    stem = Path(format_.binary).stem
    command = [sys.executable, "-c", _DESCRIBE_LV2, str(bundle / format_.binary), stem]
    _run(command, "it does not describe itself", bundle)


def _run(command: list[str], failure: str, folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line] or [done.stderr]
        raise PluginError(f"The plug-in cannot be built: {failure}: {lines[0].strip()}")
