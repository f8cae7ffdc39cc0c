"""From torch modules to model packs: the graphs that hear and dream in ONNX Runtime."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .any_module import Exported, export
    from .torch_pack import TorchPack

__all__ = ["Exported", "TorchPack", "export"]

# Imported when first used: they need torch.
_WHERE = {"Exported": "any_module", "TorchPack": "torch_pack", "export": "any_module"}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
