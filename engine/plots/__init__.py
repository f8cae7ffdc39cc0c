"""Figures. Only modules of this package import matplotlib, and only when they draw."""
