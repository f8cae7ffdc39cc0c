"""For developers: benchmarks and screenshots of the window."""
