"""MIDI: controllers set parameters and show them. The MIDI system is loaded with the ports."""

from ...actions import ACTIONS
from .controller import Actions, MidiController
from .mapping import Binding, Mapping, combine
from .ports import MidiPorts

__all__ = [
    "ACTIONS",
    "Actions",
    "Binding",
    "Mapping",
    "MidiController",
    "MidiPorts",
    "combine",
]
