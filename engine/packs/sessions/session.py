"""ONNX Runtime's sessions, whose every failure is one line."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ...errors import ModelError
from ..onnx_device import CUDA_PROVIDER, compute_device, problem_of, providers
from ..onnx_runtime import onnx_runtime

_ON_CARD = threading.RLock()
"""Of whoever calls a card: while one thread captures a CUDA graph, no other may call it."""


def open_session(
    model: bytes,
    threads: int = 1,
    device: str = "cpu",
    options: Mapping[str, str] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> "Session":
    """Open an ONNX model in ONNX Runtime.

    Args:
        model: the bytes of the file.
        threads: of one operator; operators run one after the other.
        device: "cpu", "cuda", "cuda:1" or "auto", see `compute_device`.
        options: of CUDA, over those of `providers`.
        sizes: name of an axis that may have any size -> the one that it always has here.

    Returns:
        a `Session`.

    Raises:
        ModelError: where ONNX Runtime is broken, or cannot run the model.
        ParameterError: where there is no such device.
    """
    onnxruntime = onnx_runtime()

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 4  # what matters arrives as an exception
    for axis, size in (sizes or {}).items():
        settings.add_free_dimension_override_by_name(axis, size)
    chosen = compute_device(device)
    # To plan which results share their memory takes more than half of opening a large graph; what
    # is no longer needed is freed all the same, and running takes no longer.
    settings.enable_mem_reuse = chosen != "cpu"
    try:
        with alone_on(chosen):
            opened = onnxruntime.InferenceSession(
                model, settings, providers=providers(chosen, options), enable_fallback=0
            )
        session = Session(opened, chosen)
    except Exception as error:  # ONNX Runtime's errors have no common base
        raise ModelError(_cannot_run(chosen, error)) from None
    if chosen != "cpu":
        if CUDA_PROVIDER not in session.get_providers():
            raise ModelError(
                f"ONNX Runtime does not run the model on {chosen}; use the device cpu."
            )
        session.model, session.options = model, dict(options or {})
    return session


def alone_on(device: str) -> AbstractContextManager[Any]:
    """Let one thread at a time call a card; a CPU has room for all."""
    return nullcontext() if device == "cpu" else _ON_CARD


def _cannot_run(device: str, error: Exception) -> str:
    where = "" if device == "cpu" else f" on {device}"
    advice = "" if device == "cpu" else "; use the device cpu"
    return f"ONNX Runtime cannot run the model{where}: {problem_of(error)}{advice}."


class Session:
    """An `onnxruntime.InferenceSession` whose every failure is a `ModelError`.

    What a graph says of its results binds nobody, so their shapes are compared where they are used.

    Attributes:
        device: that it runs on, see `Device`.
        model: the bytes that it was opened from; empty on a CPU, where nobody opens them again.
        options: of CUDA, over ours.
    """

    def __init__(self, session: Any, device: str = "cpu") -> None:
        """Wrap a session whose inputs and outputs can be told: their names may be no text.

        Args:
            session: an `onnxruntime.InferenceSession`.
            device: that it runs on.
        """
        self._session, self.device = session, device
        self.model, self.options = b"", dict[str, str]()
        for each in (*session.get_inputs(), *session.get_outputs()):
            _ = each.name, each.shape, each.type

    def __getattr__(self, name: str) -> Any:
        """Return what the session itself says: its inputs, outputs, metadata, binding."""
        return getattr(self._session, name)

    def run(self, names: Sequence[str] | None, feeds: Mapping[str, Any]) -> list[Any]:
        """Run the graph; see `onnxruntime.InferenceSession.run`.

        Raises:
            ModelError: it does not run, or there is not enough memory for it.
        """
        try:
            with alone_on(self.device):
                found: list[Any] = self._session.run(names, feeds)
        except Exception as error:  # ONNX Runtime's errors have no common base
            raise ModelError(_cannot_run(self.device, error)) from None
        return found

    def run_with_iobinding(self, binding: Any) -> None:
        """Run the graph on bound memory.

        Raises:
            ModelError: it does not run, or there is not enough memory for it.
        """
        try:
            with alone_on(self.device):
                self._session.run_with_iobinding(binding)
        except Exception as error:  # ONNX Runtime's errors have no common base
            raise ModelError(_cannot_run(self.device, error)) from None
