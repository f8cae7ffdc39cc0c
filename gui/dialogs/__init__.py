"""The dialogs that open beside the window: devices, MIDI, models, presets."""
