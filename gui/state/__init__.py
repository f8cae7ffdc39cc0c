"""The state that the window's controls act on. No Qt."""
