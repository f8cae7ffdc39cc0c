"""ONNX graphs: their nodes, operators, and what is simplified in them."""
