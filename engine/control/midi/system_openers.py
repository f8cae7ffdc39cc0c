"""Chooses which of the MIDI systems of this computer to open."""

import os
from collections.abc import Callable
from functools import partial

from ...errors import DeviceError, nearest
from .jack_system import JackSystem, load_library
from .systems import MidiSystem, MissingLibrary, PlainSystem

API_VARIABLE = "INNEREAR_MIDI_API"
"""Environment variable: the MIDI system to use, such as `jack`, instead of the platform's own."""

_API_NAMES = {"windows": "winmm"}


def system_openers(api: str | None, client_name: str) -> list[Callable[[], MidiSystem]]:
    """Return functions that open the MIDI systems to try, in order: the platform's own, then JACK.

    Args:
        api: the only one to try: `alsa`, `jack`, `core` or `windows`; None reads the environment
            variable INNEREAR_MIDI_API, and without that tries all.
        client_name: our name for other programs.

    Raises:
        DeviceError: there is no MIDI system of that name.
    """
    try:
        import rtmidi
    except ImportError as problem:  # on Linux it needs ALSA's library, even for JACK
        return [partial(_fail, str(problem))]
    api = api or os.environ.get(API_VARIABLE) or None
    compiled = {rtmidi.get_api_name(each): each for each in rtmidi.get_compiled_api()}
    compiled.pop("dummy", None)
    if api is not None:
        chosen = _API_NAMES.get(api.lower(), api.lower())
        if chosen not in compiled:
            raise DeviceError(f"There is no MIDI system {api!r} here. {nearest(api, compiled)}")
        compiled = {chosen: compiled[chosen]}
    return [partial(_open, each, client_name) for each in compiled.values()]


def _fail(reason: str) -> MidiSystem:
    raise MissingLibrary(
        f"MIDI needs python-rtmidi ({reason}): pip install python-rtmidi, which Pythons newer than"
        " 3.12 have to build."
    )


def _open(api: int, client_name: str) -> MidiSystem:
    import rtmidi

    if api == rtmidi.API_UNIX_JACK:
        library = load_library()
        if library is not None:
            return JackSystem(library, client_name)
    return PlainSystem(api, client_name)
