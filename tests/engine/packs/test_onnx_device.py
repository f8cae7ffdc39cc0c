"""Which device ONNX Runtime computes on; CUDA itself is played by a stand-in."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from innerear.engine.errors import ModelError, ParameterError
from innerear.engine.packs import onnx_device
from innerear.engine.packs.onnx_device import (
    CPU_PROVIDER,
    CUDA_PROVIDER,
    card_number,
    compute_device,
    cuda_problem,
    providers,
)
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.packs.sessions import bound, captured
from innerear.engine.packs.sessions import session as session_module
from innerear.engine.packs.sessions.session import open_session

NO_DRIVER = (
    "[ONNXRuntimeError] : 1 : FAIL : /src/cuda_call.cc:129 CudaCall(ERRTYPE, const char*) CUDA"
    " failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ;"
    " hostname=stage ; file=/src/provider.cc ; line=270 ; expr=cudaSetDevice(info_.device_id);"
)
NO_CUDNN = (
    "[ONNXRuntimeError] : 1 : FAIL : Non-zero status code returned while running Conv node. CUDNN"
    " failure 1001: CUDNN_STATUS_NOT_INITIALIZED ; GPU=0 ; hostname=stage ; expr=cudnnCreate(&h);"
)
NO_CARD_3 = (
    "[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Invalid device ID: 3, must be between 0"
    " (inclusive) and 2 (exclusive)."
)
NO_MEMORY = (
    "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running Conv"
    " node. Name:'conv1' Status Message: /src/bfc_arena.cc:376 Failed to allocate memory for"
    " requested buffer of size 34359738368"
)


class FakeSession:
    """A session of a card that computes on the CPU; it may fail as a card does."""

    def __init__(self, real: Any, there: list[str], error: str = "") -> None:
        self.real, self.there, self.error = real, there, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def get_providers(self) -> list[str]:
        return self.there

    def get_provider_options(self) -> dict[str, dict[str, str]]:
        return {name: {"device_id": "0"} for name in self.there}

    def run(self, outputs: Any, feeds: Any) -> Any:
        if self.error:
            raise RuntimeError(self.error)
        return self.real.run(outputs, feeds)


Install = Callable[..., Any]


@pytest.fixture
def fake_runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Replace ONNX Runtime by one that says that it has CUDA, or fails to."""
    import onnxruntime

    def install(
        available: tuple[str, ...] = (CUDA_PROVIDER, CPU_PROVIDER),
        opened: tuple[str, ...] = (CUDA_PROVIDER, CPU_PROVIDER),
        open_error: str = "",
        run_error: str = "",
    ) -> Any:
        def session(model: bytes, options: Any, providers: list[Any], **_: Any) -> FakeSession:
            fake.asked.append(providers)
            if open_error:
                raise RuntimeError(open_error)
            real = onnxruntime.InferenceSession(model, options, providers=[CPU_PROVIDER])
            return FakeSession(real, list(opened), fake.run_error)

        fake = SimpleNamespace(
            asked=[],
            run_error=run_error,
            InferenceSession=session,
            SessionOptions=onnxruntime.SessionOptions,
            OrtValue=onnxruntime.OrtValue,
            get_available_providers=lambda: list(available),
            set_default_logger_severity=lambda severity: None,
            __file__="/nowhere/onnxruntime/__init__.py",
        )
        for module in (onnx_device, session_module, bound, captured):
            monkeypatch.setattr(module, "onnx_runtime", lambda: fake)
        cuda_problem.cache_clear()
        return fake

    yield install
    cuda_problem.cache_clear()


def test_auto_takes_the_card_only_where_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_device, "cuda_problem", lambda card: "")
    assert compute_device("auto") == compute_device("cuda") == compute_device("cuda:0") == "cuda"
    assert compute_device("cuda:1") == "cuda:1"
    assert compute_device("cpu") == "cpu"
    monkeypatch.setattr(onnx_device, "cuda_problem", lambda card: "no card")
    assert compute_device("auto") == "cpu"
    with pytest.raises(ParameterError, match=r"no card\. Use cpu or auto"):
        compute_device("cuda")


@pytest.mark.parametrize("word", ["cudda", "cuda:", "cuda:-1", "cuda:x", "", "cuda:0000"])
def test_an_unknown_device_is_refused(word: str) -> None:
    with pytest.raises(ParameterError, match=r"There is no device .*: choose auto, cpu, cuda"):
        compute_device(word)


def test_a_device_is_the_number_of_a_card() -> None:
    assert [card_number(each) for each in ("cpu", "cuda", "cuda:0", "cuda:2")] == [None, 0, 0, 2]
    (name, options), last = providers("cuda:2", {"use_tf32": "1"})
    assert (name, last) == (CUDA_PROVIDER, CPU_PROVIDER)
    assert (options["device_id"], options["use_tf32"]) == ("2", "1")
    assert providers("cpu") == [CPU_PROVIDER]


def test_cuda_is_tried_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    cuda_problem.cache_clear()
    problem = cuda_problem()
    assert "\n" not in problem
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"available": (CPU_PROVIDER,)}, "this ONNX Runtime is built without it"),
        ({"opened": (CPU_PROVIDER,)}, r"its libraries \(CUDA and cuDNN\) do not load"),
        ({"open_error": NO_DRIVER}, "CUDA driver version is insufficient for CUDA runtime version"),
        ({"open_error": NO_CARD_3}, "there are 2 graphics cards, numbered from 0"),
        ({"run_error": NO_CUDNN}, "CUDNN_STATUS_NOT_INITIALIZED"),
        ({"run_error": NO_MEMORY}, "there is not enough memory"),
        ({"run_error": "CUBLAS failure 3: the resource allocation failed ; GPU=0"}, "not enough"),
    ],
)
def test_what_keeps_a_card_from_working_is_named(
    fake_runtime: Install, what: dict[str, Any], said: str
) -> None:
    fake_runtime(**what)
    with pytest.raises(
        ParameterError, match=f"^The device cuda does not work here: .*{said}"
    ) as no:
        compute_device("cuda")
    assert "\n" not in str(no.value)
    assert "hostname" not in str(no.value)
    assert compute_device("auto") == "cpu"


@pytest.mark.parametrize(
    ("library", "said"),
    [
        ("libcudnn.so.9", r"libcudnn\.so\.9 is missing; pip install"),
        ("libcuda.so.1", r"libcuda\.so\.1 is missing, which comes with NVIDIA's driver"),
    ],
)
def test_the_missing_library_is_named(
    fake_runtime: Install, monkeypatch: pytest.MonkeyPatch, library: str, said: str
) -> None:
    def load(name: str) -> None:
        raise OSError(f"{library}: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(onnx_device.sys, "platform", "linux")
    monkeypatch.setattr(onnx_device.ctypes, "CDLL", load)
    fake_runtime(opened=(CPU_PROVIDER,))
    assert re.match(said, cuda_problem())


def test_a_card_that_is_listed_and_works_is_used(fake_runtime: Install, toy_pack: Path) -> None:
    fake = fake_runtime()
    pack = load_pack(toy_pack, device="auto")
    assert pack.device == "cuda"
    assert pack.hear(np.zeros((1, 1600), np.float32))["output"].shape[0] == 1
    for asked in fake.asked:
        assert asked[0][0] == CUDA_PROVIDER
        assert asked[0][1]["device_id"] == "0"


def test_a_full_card_is_one_line_and_the_pack_can_be_used_again(
    fake_runtime: Install, toy_pack: Path
) -> None:
    fake = fake_runtime()
    pack = load_pack(toy_pack, device="cuda")
    waveform = np.zeros((1, 1600), np.float32)
    pack.hear(waveform)
    session = pack._sessions["hear.onnx", 1]._session
    session.error = NO_MEMORY
    with pytest.raises(
        ModelError, match=r"on cuda: there is not enough memory; use the device cpu"
    ):
        pack.hear(waveform)
    session.error = fake.run_error = ""
    assert pack.hear(waveform)["output"].shape[0] == 1


def test_a_session_that_quietly_lost_its_card_is_refused(
    fake_runtime: Install, toy_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_runtime(opened=(CPU_PROVIDER,))
    monkeypatch.setattr(onnx_device, "cuda_problem", lambda card: "")
    with pytest.raises(ModelError, match="does not run the model on cuda; use the device cpu"):
        open_session(Pack(toy_pack).read("hear.onnx"), device="cuda")


def test_auto_always_hears(toy_pack: Path) -> None:
    waveform = np.zeros((1, 1600), np.float32)
    pack = load_pack(toy_pack, device="auto")
    assert pack.device == ("cpu" if cuda_problem() else "cuda")
    np.testing.assert_allclose(pack.hear(waveform)["output"], 0.5)
