"""From a torch module to a recorded forward and backward pass."""
