"""The window: see the network hear, touch what it dreams. The only package that knows Qt."""

from ..engine.optional import require

require("the window needs", "PySide6")
