"""Readers of weights: TensorFlow Lite, Keras, torch, safetensors."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from innerear.engine.errors import InnerearError

from .mutations import mutate_archive, mutate_bytes, mutate_json
from .target import Read, Target

_NEEDS = ("torch",)


def _tflite(folder: Path) -> Read:
    from innerear.exporters.importers.tflite import read_tflite_layers

    return read_tflite_layers


def _keras(folder: Path) -> Read:
    from innerear.exporters.importers.keras import read_keras_weights

    path = folder / "weights.h5"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        read_keras_weights(path)

    return read


def _keras_seed() -> tuple[bytes, ...]:
    import h5py

    file = io.BytesIO()
    with h5py.File(file, "w") as written:
        written["layer1/conv/kernel:0"] = np.zeros((3, 3, 1, 4), np.float32)
        written["layer1/conv/bias:0"] = np.zeros(4, np.float32)
    return (file.getvalue(),)


def _torch(suffix: str):  # type: ignore[no-untyped-def]
    def prepare(folder: Path) -> Read:
        from innerear.exporters.capture.load_module import read_weights
        from innerear.models.training.checkpoints import Checkpoint

        path = folder / f"weights{suffix}"

        def read(data: bytes) -> None:
            path.write_bytes(data)
            try:
                Checkpoint.load(path)
            except InnerearError:
                read_weights(path)

        return read

    return prepare


def _pickles() -> tuple[bytes, ...]:
    import pickle

    import torch

    state = {"a": torch.zeros(2, 3), "b": torch.ones(4)}
    file, old = io.BytesIO(), io.BytesIO()
    torch.save(state, file)
    torch.save(state, old, _use_new_zipfile_serialization=False)
    return file.getvalue(), old.getvalue(), pickle.dumps(_RunsCode())


class _RunsCode:
    def __reduce__(self):  # type: ignore[no-untyped-def]
        import os

        return os.system, ("true",)


def _safetensors() -> tuple[bytes, ...]:
    import torch
    from safetensors.torch import save

    return (save({"a": torch.zeros(2, 3), "b": torch.ones(4)}),)


def _recipe(folder: Path) -> Read:
    from innerear.models.training.recipes import Recipe

    return lambda data: Recipe.from_json(data.decode("utf-8", "replace"))


def _recipes() -> tuple[bytes, ...]:
    from innerear.models.training.recipes import RECIPES

    return tuple(recipe.to_json().encode() for recipe in list(RECIPES.values())[:3])


def _small_tflite() -> tuple[bytes, ...]:
    """Return a file with one fully connected operator, written with the format's own library."""
    import flatbuffers
    import tflite

    builder = flatbuffers.Builder(512)
    data = builder.CreateNumpyVector(np.ones(6, np.float32).view(np.uint8))
    tflite.BufferStart(builder)
    tflite.BufferAddData(builder, data)
    buffer = tflite.BufferEnd(builder)
    shape = builder.CreateNumpyVector(np.array([2, 3], np.int32))
    tflite.TensorStart(builder)
    tflite.TensorAddShape(builder, shape)
    tflite.TensorAddType(builder, tflite.TensorType.FLOAT32)
    tflite.TensorAddBuffer(builder, 0)
    tensor = tflite.TensorEnd(builder)
    inputs = builder.CreateNumpyVector(np.array([0, 0, 0], np.int32))
    tflite.OperatorStart(builder)
    tflite.OperatorAddOpcodeIndex(builder, 0)
    tflite.OperatorAddInputs(builder, inputs)
    operator = tflite.OperatorEnd(builder)
    tflite.OperatorCodeStart(builder)
    tflite.OperatorCodeAddBuiltinCode(builder, tflite.BuiltinOperator.FULLY_CONNECTED)
    code = tflite.OperatorCodeEnd(builder)

    def alone(start: Callable[[Any, int], object], item: int) -> int:
        start(builder, 1)
        builder.PrependUOffsetTRelative(item)
        return int(builder.EndVector())

    tensors = alone(tflite.SubGraphStartTensorsVector, tensor)
    operators = alone(tflite.SubGraphStartOperatorsVector, operator)
    tflite.SubGraphStart(builder)
    tflite.SubGraphAddTensors(builder, tensors)
    tflite.SubGraphAddOperators(builder, operators)
    graph = tflite.SubGraphEnd(builder)
    graphs = alone(tflite.ModelStartSubgraphsVector, graph)
    codes = alone(tflite.ModelStartOperatorCodesVector, code)
    buffers = alone(tflite.ModelStartBuffersVector, buffer)
    tflite.ModelStart(builder)
    tflite.ModelAddSubgraphs(builder, graphs)
    tflite.ModelAddOperatorCodes(builder, codes)
    tflite.ModelAddBuffers(builder, buffers)
    builder.Finish(tflite.ModelEnd(builder), b"TFL3")
    return (bytes(builder.Output()),)


TARGETS = (
    Target("tflite", _tflite, _small_tflite, mutate_bytes, _NEEDS),
    Target("keras", _keras, _keras_seed, mutate_bytes, _NEEDS, long_only=True),
    Target("torch", _torch(".pt"), _pickles, mutate_archive, _NEEDS, long_only=True),
    Target("safetensors", _torch(".safetensors"), _safetensors, mutate_bytes, _NEEDS, True),
    Target("recipe", _recipe, _recipes, mutate_json, _NEEDS, long_only=True),
)
