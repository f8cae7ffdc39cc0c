"""The stages of the audio callback: in NumPy, and compiled from C files of the same names."""
