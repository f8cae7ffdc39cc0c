"""The window: shows what the network hears, and lets the user choose what it dreams of."""

from ..engine.optional import require

require("the window needs", "PySide6")
