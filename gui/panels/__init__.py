"""The bars and panels of the main window."""
