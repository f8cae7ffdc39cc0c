"""The process of an audio server: `python -m innerear.engine.live FOLDER`.

Started by `server_process.py`. The first network's process starts before the server loads anything
itself, so that both load at once. This module loads hardly anything, and its name keeps the
processes of networks from loading the server too.
"""

import sys
from pathlib import Path

from .server_start import serve

if __name__ == "__main__":
    serve(Path(sys.argv[1]))
