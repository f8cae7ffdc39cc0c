"""Innerear: hear the inner ear of a neural network. Deep Dream for live sound."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import VERSION as __version__

if TYPE_CHECKING:
    from .engine.analysis.auralise import auralise
    from .engine.analysis.maximise import maximise
    from .engine.analysis.offline_dream import dream
    from .engine.errors import InnerearError
    from .engine.live.session import Session
    from .engine.packs.pack import Pack, load
    from .engine.parameter_values import ParameterSet
    from .engine.parameters import PARAMETERS
    from .engine.plugin.processor import Processor
    from .engine.plugin.render import render

__all__ = [
    "PARAMETERS",
    "InnerearError",
    "Pack",
    "ParameterSet",
    "Processor",
    "Session",
    "__version__",
    "auralise",
    "dream",
    "load",
    "maximise",
    "render",
]

# Imported when first used: `innerear --help` should not wait for numerics.
_WHERE = {
    "InnerearError": "errors",
    "PARAMETERS": "parameters",
    "Pack": "packs.pack",
    "ParameterSet": "parameter_values",
    "Processor": "plugin.processor",
    "Session": "live.session",
    "auralise": "analysis.auralise",
    "dream": "analysis.offline_dream",
    "load": "packs.pack",
    "maximise": "analysis.maximise",
    "render": "plugin.render",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".engine.{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
