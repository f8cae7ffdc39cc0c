"""Nodes are made once, and cases of a switch hold what only they need."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")

from innerear.engine.runners import open_session
from innerear.exporters.graph_builder import GraphBuilder


@pytest.fixture
def builder() -> GraphBuilder:
    builder = GraphBuilder()
    builder.input("x", np.float32, ["batch", 3])
    return builder


def run(builder: GraphBuilder, **feeds: Any) -> list[np.ndarray]:
    return open_session(builder.model("test").SerializeToString()).run(None, feeds)


def test_equal_nodes_and_constants_are_made_once(builder: GraphBuilder) -> None:
    first = builder.add("Add", "x", builder.constant(np.float32(2)))
    assert builder.add("Add", "x", builder.constant(np.float32(2))) == first
    assert builder.add("Mul", "x", builder.constant(np.float32(2))) != first
    assert builder.constant(np.int64(2)) != builder.constant(np.float32(2))


def test_what_nobody_needs_is_left_out(builder: GraphBuilder) -> None:
    builder.add("Add", "x", builder.constant(np.ones(3, np.float32)))
    builder.output("y", builder.add("Neg", "x"), ["batch", 3])
    graph = builder.model("test").graph
    assert [node.op_type for node in graph.node] == ["Neg"]
    assert not graph.initializer


def test_a_value_may_leave_under_two_names_and_an_input_as_it_came(builder: GraphBuilder) -> None:
    value = builder.add("Neg", "x")
    for name, each in (("a", value), ("b", value), ("c", "x")):
        builder.output(name, each, ["batch", 3])
    builder.output("first", builder.add("Abs", value), ["batch", 3], place=0)
    x = np.array([[1, -2, 3]], np.float32)
    first, a, b, c = run(builder, x=x)
    np.testing.assert_array_equal(np.stack([first, a, b, c]), np.stack([abs(x), -x, -x, x]))


def test_a_switch_computes_the_chosen_case(builder: GraphBuilder) -> None:
    builder.input("number", np.int64, [])
    shared = builder.add("Add", "x", builder.constant(np.float32(1)))
    cases = [builder.add(operator, shared) for operator in ("Neg", "Sqrt", "Reciprocal")]
    chosen = builder.switch("number", cases, ["batch", 3])
    builder.output("y", chosen, ["batch", 3])
    builder.output("shared", shared, ["batch", 3])
    model = builder.model("test")
    outside = [node.op_type for node in model.graph.node]
    assert not {"Neg", "Sqrt", "Reciprocal"}.intersection(outside)
    x = np.array([[0, 3, 8], [15, 24, 35]], np.float32)
    for number, expected in enumerate((-(x + 1), np.sqrt(x + 1), 1 / (x + 1))):
        y, kept = run(builder, x=x, number=np.array(number))
        np.testing.assert_array_equal(kept, x + 1)
        np.testing.assert_allclose(y, expected, rtol=1e-6)


def test_a_turned_constant_is_stored_once_and_made_in_every_branch(builder: GraphBuilder) -> None:
    generator = np.random.default_rng(0)
    kernels = generator.standard_normal((24, 16, 1, 3)).astype(np.float32)
    turned = np.ascontiguousarray(np.flip(kernels, 3).transpose(1, 0, 2, 3))
    matrix = generator.standard_normal((40, 30)).astype(np.float32)
    builder.input("maps", np.float32, ["batch", 16, 1, 7])
    builder.input("number", np.int64, [])
    there = builder.add("Conv", "maps", builder.constant(kernels), pads=[0, 1, 0, 1])
    back = builder.constant(turned)
    cases = [
        builder.add("Conv", builder.add(operator, there), back, pads=[0, 1, 0, 1])
        for operator in ("Neg", "Abs", "Relu")
    ]
    builder.output("chosen", builder.switch("number", cases, ["batch", 16, 1, 7]), ["batch"] * 4)
    builder.output("back", builder.add("Conv", there, back, pads=[0, 1, 0, 1]), ["batch"] * 4)
    product = builder.add("MatMul", builder.constant(matrix.T), builder.constant(matrix))
    builder.output("product", product, [30, 30])
    model = builder.model("test")
    assert model.ByteSize() < 1.3 * (kernels.nbytes + matrix.nbytes)
    maps = generator.standard_normal((2, 16, 1, 7)).astype(np.float32)
    feeds = {"x": np.zeros((1, 3), np.float32), "maps": maps}
    _, unchanged, found = run(builder, **feeds, number=np.array(2))
    np.testing.assert_allclose(found, matrix.T @ matrix, rtol=1e-4, atol=1e-4)
    negated, _, _ = run(builder, **feeds, number=np.array(0))
    np.testing.assert_allclose(negated, -unchanged, rtol=1e-5)
