"""Model packs: their files, their ONNX graphs, and the gradients these give."""
