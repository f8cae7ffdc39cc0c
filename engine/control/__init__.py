"""Presets, OSC and MIDI: whatever turns parameters from outside."""
