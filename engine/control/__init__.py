"""Control from outside: presets, OSC and MIDI."""
