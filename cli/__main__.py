"""Lets `python -m innerear.cli` stand for `innerear`."""

import sys

from . import main

sys.exit(main())
