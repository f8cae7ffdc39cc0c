"""How a graph is run in ONNX Runtime: on a CPU, and on a graphics card, where a call costs more."""
