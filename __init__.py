"""Innerear: hear the inner ear of a neural network. Deep Dream for live sound."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import VERSION as __version__

if TYPE_CHECKING:
    from . import errors, packs, presets
    from .engine.analysis.auralise import auralise
    from .engine.analysis.classify import hear
    from .engine.analysis.maximise import maximise
    from .engine.analysis.offline_dream import dream
    from .engine.analysis.spectra import spectra
    from .engine.errors import InnerearError
    from .engine.live.session import Session
    from .engine.packs.pack import Pack
    from .engine.packs.resolve import load
    from .engine.parameter_values import ParameterSet
    from .engine.parameters import PARAMETERS
    from .engine.plugin.processor import Processor
    from .engine.plugin.render import render
    from .engine.replay.replayed_sound import replay
    from .library.library import Library

__all__ = [
    "PARAMETERS",
    "InnerearError",
    "Library",
    "Pack",
    "ParameterSet",
    "Processor",
    "Session",
    "__version__",
    "auralise",
    "dream",
    "errors",
    "hear",
    "load",
    "maximise",
    "packs",
    "presets",
    "render",
    "replay",
    "spectra",
]

# Imported when first used: `import innerear` loads no numerics.
_WHERE = {
    "InnerearError": "engine.errors",
    "Library": "library.library",
    "PARAMETERS": "engine.parameters",
    "Pack": "engine.packs.pack",
    "ParameterSet": "engine.parameter_values",
    "Processor": "engine.plugin.processor",
    "Session": "engine.live.session",
    "auralise": "engine.analysis.auralise",
    "dream": "engine.analysis.offline_dream",
    "hear": "engine.analysis.classify",
    "load": "engine.packs.resolve",
    "maximise": "engine.analysis.maximise",
    "render": "engine.plugin.render",
    "replay": "engine.replay.replayed_sound",
    "spectra": "engine.analysis.spectra",
}
_NAMESPACES = ("errors", "packs", "presets")


def __getattr__(name: str) -> Any:
    if name in _NAMESPACES:
        return import_module(f".{name}", __name__)
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
