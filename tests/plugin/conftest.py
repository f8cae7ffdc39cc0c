"""Bundles that nobody loads, for tests of where they go."""

from pathlib import Path

import pytest

from innerear._version import VERSION
from innerear.plugin.build import fingerprint
from innerear.plugin.formats import FORMATS
from innerear.plugin.record import write_record


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of bundles whose libraries are none."""
    for format_ in FORMATS.values():
        bundle = tmp_path / "built" / format_.bundle
        (bundle / format_.binary).parent.mkdir(parents=True)
        (bundle / format_.binary).write_bytes(b"library of " + format_.name.encode())
        write_record(bundle, VERSION, fingerprint())
    return tmp_path / "built"
