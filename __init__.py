"""Innerear: hear the inner ear of a neural network. Deep Dream for live sound."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import VERSION as __version__

if TYPE_CHECKING:
    from .engine.auralise import auralise
    from .engine.errors import InnerearError
    from .engine.maximise import maximise
    from .engine.modelpack import Pack, load
    from .engine.offline_dream import dream
    from .engine.parameters import PARAMETERS, ParameterSet
    from .engine.processor import Processor
    from .engine.render import render
    from .engine.session import Session

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
    "Pack": "modelpack",
    "ParameterSet": "parameters",
    "Processor": "processor",
    "Session": "session",
    "auralise": "auralise",
    "dream": "offline_dream",
    "load": "modelpack",
    "maximise": "maximise",
    "render": "render",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".engine.{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
