"""The streaming dream: gradient ascent on sound while it is in view."""
