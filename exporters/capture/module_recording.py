"""Records a torch module's forward pass: its activations by name, and its last non-linearity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

_ACTIVATIONS = {
    getattr(where, name)
    for where in (torch, torch.Tensor, functional)
    for name in (
        *("relu", "relu_", "relu6", "leaky_relu", "leaky_relu_", "elu", "elu_", "selu", "selu_"),
        *("celu", "celu_", "gelu", "silu", "mish", "softplus", "hardswish", "prelu", "tanh"),
        *("tanh_", "rrelu", "rrelu_", "hardtanh"),
    )
    if hasattr(where, name)
}
_CONVOLUTIONS = {
    getattr(where, name)
    for where in (torch, functional)
    for name in ("conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d")
}
_ENDS = {
    getattr(where, name): kind
    for where in (torch, torch.Tensor, functional)
    for name, kind in (("sigmoid", "sigmoid"), ("softmax", "softmax"), ("log_softmax", "softmax"))
    if hasattr(where, name)
}


@dataclass(frozen=True)
class End:
    """A non-linearity that makes scores.

    Attributes:
        kind: "sigmoid" or "softmax".
        axis: that a softmax adds up to 1 along.
        given: what it took.
        result: what it gave.
    """

    kind: str
    axis: int
    given: Tensor
    result: Tensor


class ModuleRecording(TorchFunctionMode):
    """A context in which a network's results are recorded.

    The result of an activation function is named after the module that ran last: the activation
    itself where it is a module, else the convolution or normalisation before it.

    Attributes:
        activations: module path and result of each, in order. `torch.export` may call a module
            that stands in several places by another of its paths; the order is the same.
        convolutions: the same of convolutions.
        watched: module path -> what that module gave, last.
        end: the sigmoid or softmax that came last.
    """

    def __init__(self, network: nn.Module, watch: Mapping[str, object] | None = None) -> None:
        """Prepare to record `network`.

        Args:
            network: whose forward pass will be run.
            watch: paths of modules whose results are wanted.
        """
        super().__init__()
        self.activations: list[tuple[str, Tensor]] = []
        self.convolutions: list[tuple[str, Tensor]] = []
        self.watched: dict[str, Any] = {}
        self.end: End | None = None
        self._network = network
        self._watch = watch or {}
        self._running = "input"
        self._hooks: list[Any] = []

    def __enter__(self) -> "ModuleRecording":
        """Put hooks into the network."""
        for path, part in self._network.named_modules():
            if not any(part.children()):
                self._hooks.append(part.register_forward_pre_hook(self._entering(path)))
            if path in self._watch:
                self._hooks.append(part.register_forward_hook(self._leaving(path)))
        super().__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *problem: object) -> None:
        """Take the hooks out again."""
        super().__exit__(*problem)  # type: ignore[no-untyped-call]
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call a function of torch, and record its result."""
        keywords = kwargs or {}
        result = func(*args, **keywords)
        if func in _ACTIVATIONS:
            self.activations.append((self._running, result))
        elif func in _CONVOLUTIONS:
            self.convolutions.append((self._running, result))
        elif func in _ENDS:
            given = args[0] if args else keywords["input"]
            axis = keywords.get("dim", args[1] if len(args) > 1 else None)
            axis = axis if isinstance(axis, int) else 1
            self.end = End(_ENDS[func], axis % max(given.ndim, 1), given, result)
        return result

    def _entering(self, path: str) -> Callable[..., None]:
        def enter(*_: Any) -> None:
            self._running = path

        return enter

    def _leaving(self, path: str) -> Callable[..., None]:
        def leave(_: nn.Module, __: Any, result: Any) -> None:
            self.watched[path] = result

        return leave
