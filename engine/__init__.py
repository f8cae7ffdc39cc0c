"""The streaming engine: sound in, dreamed sound out. Imports no torch, no Qt, no PortAudio."""
