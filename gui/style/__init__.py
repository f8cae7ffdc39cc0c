"""Colours and the look of widgets; no state."""
