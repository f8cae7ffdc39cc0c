"""The formats of plug-ins: what a bundle of each is called, and where hosts look for it."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..engine.errors import InnerearError


class FormatName(StrEnum):
    """The formats, as commands name them."""

    LV2 = "lv2"
    VST3 = "vst3"
    CLAP = "clap"


class PluginError(InnerearError):
    """The plug-in cannot be built, installed or removed."""


@dataclass(frozen=True)
class Format:
    """A format of plug-ins.

    Attributes:
        name: for commands.
        bundle: the folder that a host takes as one plug-in, or finds it in.
        binary: the shared library, in the bundle.
        resources: the folder in the bundle in which the shell looks for `python.txt`.
    """

    name: FormatName
    bundle: str
    binary: str
    resources: str

    @property
    def title(self) -> str:
        """Its name as people write it."""
        return self.name.upper()

    @property
    def user_folder(self) -> Path:
        """The folder of the user's own plug-ins that hosts look into.

        Hosts of LV2 look only into the folders of `LV2_PATH` where that is set. Of the other
        formats, the usual folders count whatever else is set.
        """
        usual = Path.home() / f".{self.name}"
        listed = [Path(each) for each in os.environ.get("LV2_PATH", "").split(":") if each]
        if self.name != FormatName.LV2 or not listed or usual in listed:
            return usual
        return listed[0]


_VST3_ARCHITECTURE = f"{platform.machine()}-{platform.system().lower()}"

FORMATS: Mapping[FormatName, Format] = {
    each.name: each
    for each in (
        Format(FormatName.LV2, "innerear.lv2", "Innerear.so", "."),
        Format(
            FormatName.VST3,
            "Innerear.vst3",
            f"Contents/{_VST3_ARCHITECTURE}/Innerear.so",
            "Contents/Resources",
        ),
        Format(FormatName.CLAP, "innerear", "Innerear.clap", "."),
    )
}
"""Every format by its name."""
