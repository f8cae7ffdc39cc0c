"""From torch modules to model packs: the graphs that hear and dream in ONNX Runtime."""
