"""Training, transfer learning, and writing a trained network as a pack."""
