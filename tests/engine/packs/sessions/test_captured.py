"""CUDA graphs of networks; CUDA itself is played by a stand-in that computes on the CPU."""

import threading
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest

from innerear.engine.errors import ModelError
from innerear.engine.packs import onnx_device
from innerear.engine.packs.manifest import DREAM_FILE
from innerear.engine.packs.onnx_device import CPU_PROVIDER, CUDA_PROVIDER
from innerear.engine.packs.onnx_runners import RULES, GradientRunner
from innerear.engine.packs.pack import SHIPPED_FOLDER, Pack
from innerear.engine.packs.sessions import bound, captured
from innerear.engine.packs.sessions import session as session_module
from innerear.engine.packs.sessions.session import open_session

FULL = "CUDA error: out of memory"


class CardValue:
    """Memory on a card: what is copied there stays until something else is."""

    sent = 0

    def __init__(self, array: Any, *place: Any) -> None:
        assert place == ("cuda", 1)
        self.array = np.array(array)

    def update_inplace(self, array: Any) -> None:
        CardValue.sent += 1
        self.array[...] = array

    def numpy(self) -> Any:
        return self.array.copy()


class Card:
    """ONNX Runtime where a second card works; it captures, unless it refuses to."""

    SessionOptions = onnxruntime.SessionOptions
    OrtValue = SimpleNamespace(ortvalue_from_numpy=CardValue)

    def __init__(self) -> None:
        self.opened: list[dict[str, str]] = []
        self.captures, self.error = True, ""
        self.calling = 0

    def InferenceSession(self, model: bytes, options: Any, providers: list[Any], **_: Any) -> Any:
        if providers == [CPU_PROVIDER]:
            return onnxruntime.InferenceSession(model, options, providers=providers)
        chosen = providers[0][1]
        self.opened.append(chosen)
        if "enable_cuda_graph" in chosen and not self.captures:
            raise RuntimeError("not all nodes are assigned to CUDA")
        real = onnxruntime.InferenceSession(model, options, providers=[CPU_PROVIDER])

        def run(names: Any, feeds: Any) -> Any:
            self.calling += 1
            try:
                assert self.calling == 1, "two threads call the card at once"
                time.sleep(0.001)
                if self.error:
                    raise RuntimeError(self.error)
                return real.run(names, feeds)
            finally:
                self.calling -= 1

        def run_with_iobinding(binding: Any) -> None:
            feeds = {each.name: binding.inputs[each.name].array for each in real.get_inputs()}
            for name, result in zip(
                binding.outputs, run(list(binding.outputs), feeds), strict=True
            ):
                binding.outputs[name].array[...] = result

        return SimpleNamespace(
            get_inputs=real.get_inputs,
            get_outputs=real.get_outputs,
            get_providers=lambda: [CUDA_PROVIDER, CPU_PROVIDER],
            io_binding=lambda: SimpleNamespace(
                inputs=(inputs := {}),
                outputs=(outputs := {}),
                bind_ortvalue_input=inputs.__setitem__,
                bind_ortvalue_output=outputs.__setitem__,
            ),
            run=run,
            run_with_iobinding=run_with_iobinding,
        )


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Card:
    made = Card()
    for module in (session_module, bound, captured):
        monkeypatch.setattr(module, "onnx_runtime", lambda: made)
    monkeypatch.setattr(onnx_device, "cuda_problem", lambda card: "")
    return made


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(SHIPPED_FOLDER / "wavelet-instruments")


def runner(pack: Pack, **options: str) -> GradientRunner:
    session = open_session(pack.read(DREAM_FILE), 1, "cuda:1", options)
    return GradientRunner(session, pack.window, pack.layers)


def wanted(pack: Pack, layer: str = "output", unit: int = 3) -> dict[str, Any]:
    return {layer: np.eye(pack.layers[layer].units, dtype=np.float32)[unit]}


def noise(pack: Pack, count: int) -> Any:
    return 0.1 * np.random.default_rng(1).standard_normal((count, pack.window)).astype(np.float32)


def flat(found: tuple[Any, Any, dict[str, Any]]) -> list[Any]:
    return [*found[:2], *found[2].values()]


def test_each_window_layer_and_rule_is_computed_as_on_the_cpu(card: Card, pack: Pack) -> None:
    on_card = runner(pack)
    first, second, *_ = pack.layers
    layers = ["output", "output", second, first]
    for window, layer, rule in zip(noise(pack, 4), layers, [*RULES, "gradient"], strict=True):
        direction = wanted(pack, layer)
        found = on_card.run(window, direction, rule)
        right = pack.value_grad_and_activations(window, direction, rule)
        for one, other in zip(
            (*found[:2], *found[2].values()), (*right[:2], *right[2].values()), strict=True
        ):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    graphs = [each for each in card.opened if each.get("enable_cuda_graph") == "1"]
    assert len(graphs) == len(RULES)
    assert {each["device_id"] for each in card.opened} == {"1"}


def test_only_what_has_changed_is_sent(card: Card, pack: Pack) -> None:
    on_card = runner(pack)
    on_card.run(noise(pack, 1), wanted(pack))
    before = CardValue.sent
    on_card.run(2 * noise(pack, 1), wanted(pack))
    assert CardValue.sent == before + 1


@pytest.mark.parametrize("why", ["the card", "the user"])
def test_a_graph_that_cannot_be_captured_is_run_as_it_is(card: Card, pack: Pack, why: str) -> None:
    card.captures = why == "the user"
    on_card = runner(pack, **({"enable_cuda_graph": "0"} if card.captures else {}))
    (window,) = noise(pack, 1)
    opened = len(card.opened)
    found = on_card.run(window, wanted(pack))
    assert len(card.opened) == opened  # it is tried once
    objective, gradient = pack.value_and_grad(window, wanted(pack))
    np.testing.assert_array_equal(found[0], objective)
    np.testing.assert_array_equal(found[1], gradient)


def test_a_card_that_is_full_is_one_line_and_can_be_used_again(card: Card, pack: Pack) -> None:
    on_card = runner(pack)
    (window,) = noise(pack, 1)
    card.error = FULL
    with pytest.raises(ModelError, match="on cuda:1: there is not enough memory; use the device"):
        on_card.run(window, wanted(pack))
    card.error = ""
    np.testing.assert_allclose(
        on_card.run(window, wanted(pack))[1],
        pack.value_and_grad(window, wanted(pack))[1],
        rtol=1e-4,
        atol=1e-6,
    )


def test_one_thread_at_a_time_calls_a_card(card: Card, pack: Pack) -> None:
    """Nothing else may be done on a card while a thread captures."""
    runners = [runner(pack) for _ in range(3)]
    failures: list[BaseException] = []

    def dream(mine: GradientRunner) -> None:
        try:
            for rule in (*RULES, *RULES):
                mine.run(noise(pack, 1), wanted(pack), rule)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=dream, args=(each,)) for each in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
