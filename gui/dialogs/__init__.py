"""What opens beside the window: devices, MIDI, models, presets, reports."""
