"""The table of ONNX operators that can become torch operators; a graph with any other is refused.

They are those that `exporters/graph` writes. Inputs that say shapes, axes and the like must be
constants.
"""

from .operator_inputs import Operator
from .operators_elementwise import ELEMENTWISE
from .operators_layers import LAYERS
from .operators_shape import SHAPES

OPERATORS: dict[str, Operator] = {**ELEMENTWISE, **LAYERS, **SHAPES}
"""Name of an ONNX operator -> what computes it."""
