"""Innerear: hear the inner ear of a neural network. Deep Dream for live sound."""

from ._version import VERSION as __version__

__all__ = ["__version__"]
