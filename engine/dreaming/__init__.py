"""The streaming dream: gradient ascent on the newest sound of a stream."""
