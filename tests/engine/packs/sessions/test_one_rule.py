"""A graph of one rule computes what the graph that chooses among the rules does."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from innerear.engine.errors import ModelError
from innerear.engine.packs.manifest import DREAM_FILE, HEAR_FILE
from innerear.engine.packs.onnx_runners import RULES
from innerear.engine.packs.pack import SHIPPED_FOLDER, Pack
from innerear.engine.packs.sessions.one_rule import graph_of_rule
from innerear.engine.packs.sessions.session import Session, open_session

from ....thinning import thinned

PACKS = sorted(folder.name for folder in SHIPPED_FOLDER.iterdir())


def feeds(session: Session, rule: int) -> dict[str, Any]:
    """Return noise for each input."""
    random = np.random.default_rng(0)
    made: dict[str, Any] = {"rule": np.array(rule, np.int64)}
    for each in session.get_inputs():
        if each.name != "rule":
            sizes = [size if isinstance(size, int) else 1 for size in each.shape]
            made[each.name] = 0.1 * random.standard_normal(sizes).astype(np.float32)
    return made


@pytest.mark.parametrize(
    "name", thinned(PACKS, ("crnn-robust", "samplecnn-instruments", "wavelet-instruments"))
)
def test_each_rule_of_a_pack(name: str) -> None:
    content = Pack(SHIPPED_FOLDER / name).read(DREAM_FILE)
    every = open_session(content)
    gradients = set()
    for rule in RULES.values():
        alone = graph_of_rule(content, rule)
        onnx.checker.check_model(onnx.load_from_string(alone))
        assert not {"If", "LessOrEqual"} & {
            node.op_type for node in onnx.load_from_string(alone).graph.node
        }
        session = open_session(alone, sizes={"batch": 1})
        given = feeds(every, rule)
        found, wanted = session.run(None, given), every.run(None, given)
        for one, other in zip(found, wanted, strict=True):
            # With one size of batch ONNX Runtime adds some numbers in another order.
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
        gradients.add(found[1].tobytes())
    operators = {node.op_type for node in onnx.load_from_string(alone).graph.node}
    assert len(gradients) == (len(RULES) if "Relu" in operators else 1)


def test_a_graph_without_rules_is_as_it_was(toy_pack: Path) -> None:
    content = Pack(toy_pack).read(HEAR_FILE)
    assert onnx.load_from_string(graph_of_rule(content, 0)) == onnx.load_from_string(content)


def choosing(condition: str, constant: Any = None) -> bytes:
    """Return a model that chooses, by comparing an input with a constant."""
    branches = {
        name: helper.make_graph(
            [helper.make_node("Neg", ["x"], [f"{name}.y"])],
            name,
            [],
            [helper.make_tensor_value_info(f"{name}.y", TensorProto.FLOAT, [1])],
        )
        for name in ("then_branch", "else_branch")
    }
    limit = np.int64(0) if constant is None else constant
    graph = helper.make_graph(
        [
            helper.make_node("LessOrEqual", [condition, "limit"], ["is0"]),
            helper.make_node("If", ["is0"], ["y"], **branches),
        ],
        "choosing",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1]),
            helper.make_tensor_value_info(condition, TensorProto.INT64, []),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
        [numpy_helper.from_array(np.asarray(limit), "limit")],
    )
    return helper.make_model(graph).SerializeToString()


def test_a_small_choice() -> None:
    for rule in (0, 1):
        graph = onnx.load_from_string(graph_of_rule(choosing("rule"), rule)).graph
        assert [(node.op_type, node.input[0], node.output[0]) for node in graph.node] == [
            ("Neg", "x", "y")
        ]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (choosing("loudness"), "something else than the rule"),
        (choosing("rule", np.float32(0)), "no number"),
        (b"\xff\xff", "is no ONNX"),
    ],
)
def test_another_choice_is_refused(model: bytes, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        graph_of_rule(model, 0)
