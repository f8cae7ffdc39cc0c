"""The methods' definitions written out plainly, in float64, sharing no code with the engine."""
