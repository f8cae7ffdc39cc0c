"""What the window's controls act on."""
