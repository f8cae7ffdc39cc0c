"""Nodes are made once, and every case of a switch holds what it needs, but for large constants."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")

from innerear.engine.packs.sessions.session import open_session
from innerear.exporters.graph.builder import GraphBuilder


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


def test_what_no_output_needs_is_left_out(builder: GraphBuilder) -> None:
    builder.add("Add", "x", builder.constant(np.ones(3, np.float32)))
    builder.output("y", builder.add("Neg", "x"), ["batch", 3])
    graph = builder.model("test").graph
    assert [node.op_type for node in graph.node] == ["Neg"]
    assert not graph.initializer


def test_a_value_may_leave_under_two_names_and_an_input_as_it_came(builder: GraphBuilder) -> None:
    value = builder.add("Neg", "x")
    first = builder.add("Abs", value)
    for name, each in (("first", first), ("a", value), ("b", value), ("c", "x")):
        builder.output(name, each, ["batch", 3])
    x = np.array([[1, -2, 3]], np.float32)
    first, a, b, c = run(builder, x=x)
    np.testing.assert_array_equal(np.stack([first, a, b, c]), np.stack([abs(x), -x, -x, x]))


def test_a_switch_computes_the_chosen_case(builder: GraphBuilder) -> None:
    builder.input("number", np.int64, [])
    shared = builder.add("Add", "x", builder.constant(np.float32(1)))
    cases = [
        {"y": builder.add(operator, shared), "shared": shared, "x too": "x"}
        for operator in ("Neg", "Sqrt", "Reciprocal")
    ]
    builder.switch("number", cases, {name: ["batch", 3] for name in cases[0]})
    model = builder.model("test")
    assert [node.op_type for node in model.graph.node] == ["LessOrEqual", "If"]
    x = np.array([[0, 3, 8], [15, 24, 35]], np.float32)
    for number, expected in enumerate((-(x + 1), np.sqrt(x + 1), 1 / (x + 1))):
        y, kept, given = run(builder, x=x, number=np.array(number))
        np.testing.assert_array_equal(kept, x + 1)
        np.testing.assert_array_equal(given, x)
        np.testing.assert_allclose(y, expected, rtol=1e-6)


def test_a_derived_constant_is_stored_once_and_derived_in_every_branch(
    builder: GraphBuilder,
) -> None:
    generator = np.random.default_rng(0)
    kernels = generator.standard_normal((48, 32, 1, 3)).astype(np.float32)
    derived = np.ascontiguousarray(np.flip(kernels, 3).transpose(1, 0, 2, 3))
    matrix = generator.standard_normal((80, 60)).astype(np.float32)
    builder.input("maps", np.float32, ["batch", 32, 1, 7])
    builder.input("number", np.int64, [])
    there = builder.add("Conv", "maps", builder.constant(kernels), pads=[0, 1, 0, 1])
    back = builder.constant(derived)
    product = builder.add("MatMul", builder.constant(matrix.T), builder.constant(matrix))
    unchanged = builder.add("Conv", there, back, pads=[0, 1, 0, 1])
    cases = [
        {
            "back": unchanged,
            "chosen": builder.add("Conv", builder.add(operator, there), back, pads=[0, 1, 0, 1]),
            "product": product,
        }
        for operator in ("Neg", "Abs", "Relu")
    ]
    shapes = {"back": ["batch", 32, 1, 7], "chosen": ["batch", 32, 1, 7], "product": [60, 60]}
    builder.switch("number", cases, shapes)
    model = builder.model("test")
    assert model.ByteSize() < 1.3 * (kernels.nbytes + matrix.nbytes)
    maps = generator.standard_normal((2, 32, 1, 7)).astype(np.float32)
    feeds = {"x": np.zeros((1, 3), np.float32), "maps": maps}
    unchanged, _, found = run(builder, **feeds, number=np.array(2))
    np.testing.assert_allclose(found, matrix.T @ matrix, rtol=1e-4, atol=1e-4)
    _, negated, _ = run(builder, **feeds, number=np.array(0))
    np.testing.assert_allclose(negated, -unchanged, rtol=1e-5)
