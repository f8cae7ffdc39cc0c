"""`innerear plugin`: build, install and remove the plug-in for digital audio workstations."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..plugin.formats import FORMATS, Format, FormatName
from .shared.help import Command, Group
from .shared.options import AsJson
from .shared.output import print_json, print_table

if TYPE_CHECKING:
    from ..plugin.install import Installed

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    help="Build, install and remove the plug-in for digital audio workstations (LV2, VST3, CLAP).",
    epilog="""
        innerear plugin install
        innerear plugin status
        innerear plugin remove vst3
    """,
)

INSTALL_EXAMPLES = """
innerear plugin install
innerear plugin install lv2 clap
innerear plugin install vst3 --vst3-folder ~/my-plugins
"""

BUILD_EXAMPLES = """
innerear plugin build
innerear plugin build --dpf ~/DPF
innerear plugin build --output bundles
"""

_Chosen = Annotated[
    list[FormatName] | None,
    typer.Argument(metavar="FORMAT", help="lv2, vst3 or clap; all where none is named."),
]
_Dpf = Annotated[
    Path | None,
    typer.Option("--dpf", metavar="<folder>", help="A checkout of DPF; else /usr/share/dpf."),
]


def _folder_option(name: FormatName) -> Any:
    also = ", or the first of LV2_PATH" if name == FormatName.LV2 else ""
    help = f"The folder of {FORMATS[name].title} plug-ins; else ~/.{name}{also}."
    return typer.Option(f"--{name}-folder", metavar="<folder>", help=help)


_Lv2Folder = Annotated[Path | None, _folder_option(FormatName.LV2)]
_Vst3Folder = Annotated[Path | None, _folder_option(FormatName.VST3)]
_ClapFolder = Annotated[Path | None, _folder_option(FormatName.CLAP)]


@app.command("build", cls=Command, epilog=BUILD_EXAMPLES)
def build(
    output: Annotated[
        Path | None,
        typer.Option(metavar="<folder>", help="For the bundles; else where install looks."),
    ] = None,
    dpf: _Dpf = None,
) -> None:
    """Compile the plug-in for all formats, without installing it.

    It takes a compiler of C++ and DPF; on Debian and Ubuntu: apt install g++ dpf-source.
    """
    from ..plugin.build import DPF
    from ..plugin.build import build as build_bundles
    from ..plugin.built import build_folder

    for bundle in build_bundles(output or build_folder(), dpf or DPF).values():
        print(f"wrote {bundle}")


@app.command("install", cls=Command, epilog=INSTALL_EXAMPLES)
def install(
    formats: _Chosen = None,
    lv2_folder: _Lv2Folder = None,
    vst3_folder: _Vst3Folder = None,
    clap_folder: _ClapFolder = None,
    dpf: _Dpf = None,
) -> None:
    """Install the plug-in for you; build it first where that was not done.

    Its engine will run in this Python: install again after moving or replacing that.
    """
    from ..plugin.build import DPF
    from ..plugin.built import find_or_build
    from ..plugin.install import install as install_bundles

    built = find_or_build(dpf or DPF)
    places = _places(formats, lv2_folder, vst3_folder, clap_folder)
    for bundle in install_bundles(places, built):
        print(f"installed {bundle}")


@app.command("status", cls=Command, epilog="innerear plugin status --json")
def status(
    lv2_folder: _Lv2Folder = None,
    vst3_folder: _Vst3Folder = None,
    clap_folder: _ClapFolder = None,
    as_json: AsJson = False,
) -> None:
    """Say for each format whether it is built, where it is installed, and what it runs in."""
    from ..plugin.build import fingerprint
    from ..plugin.built import find_built
    from ..plugin.install import find_installed

    built, sources = find_built(), fingerprint()
    rows, found = [], []
    for format_, folder in _places(None, lv2_folder, vst3_folder, clap_folder):
        installed = find_installed(format_, folder)
        is_current = installed is not None and installed.record.sources == sources
        rows.append([format_.title, "yes" if built else "no", *_columns(installed, is_current)])
        found.append(
            {
                "format": format_.name,
                "built": str(built / format_.bundle) if built else None,
                "installed": str(installed.bundle) if installed else None,
                "version": installed.record.version if installed else None,
                "is_current": is_current,
                "python": str(installed.python) if installed else None,
                "python_exists": installed is not None and installed.python_exists,
            }
        )
    if as_json:
        print_json({"formats": found})
    else:
        print_table(("format", "built", "installed", "version", "Python"), rows, numbers=set())


@app.command("remove", cls=Command, epilog="innerear plugin remove\ninnerear plugin remove vst3")
def remove(
    formats: _Chosen = None,
    lv2_folder: _Lv2Folder = None,
    vst3_folder: _Vst3Folder = None,
    clap_folder: _ClapFolder = None,
) -> None:
    """Remove what `innerear plugin install` wrote, and nothing else."""
    from ..plugin.install import find_installed
    from ..plugin.install import remove as remove_bundle

    for format_, folder in _places(formats, lv2_folder, vst3_folder, clap_folder):
        installed = find_installed(format_, folder)
        if installed is None:
            print(f"{format_.title} is not installed in {folder}")
            continue
        left = remove_bundle(installed)
        print(f"removed {installed.bundle}" + "".join(f"\nleft {path}" for path in left))


def _places(
    chosen: list[FormatName] | None, lv2: Path | None, vst3: Path | None, clap: Path | None
) -> list[tuple[Format, Path]]:
    """Return the formats that are meant, each with the folder of plug-ins that is meant."""
    folders = {FormatName.LV2: lv2, FormatName.VST3: vst3, FormatName.CLAP: clap}
    return [
        (format_, (folders[name] or format_.user_folder).expanduser().absolute())
        for name, format_ in FORMATS.items()
        if not chosen or name in chosen
    ]


def _columns(installed: "Installed | None", is_current: bool) -> list[str]:
    """Return what is shown of a bundle: where it is, its version, its Python."""
    if installed is None:
        return ["no", "", ""]
    version = installed.record.version
    return [
        str(installed.bundle),
        version if is_current else f"{version}, not this one: innerear plugin install",
        str(installed.python) if installed.python_exists else f"{installed.python} is missing",
    ]
