"""Runs `innerear` by `python -m innerear.cli`."""

import sys

from . import main

sys.exit(main())
