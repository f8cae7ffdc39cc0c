"""What a document of an older version means where it leaves a parameter out.

A preset or a performance log that was written before a parameter was there, or before its default
changed, has to sound as it did. When a default changes, the versions of both formats are raised to
the same number (`control/preset_file.py`, `replay/events.py`), and an entry is added here.
"""

from collections.abc import Mapping

from .parameter import Value

_UNTIL: Mapping[int, Mapping[str, Value]] = {
    2: {"parameterisation": "waveform", "model": "samplecnn-instruments", "range_db": 18.0},
    3: {"parameterisation": "filter", "model": "stftcnn-instruments", "range_db": 18.0},
    4: {"range_db": 21.0},
}
"""Version of presets and logs -> what held up to it, and since the version before it."""


def former_defaults(version: int) -> Mapping[str, Value]:
    """Return the defaults of a version, as far as they are others now."""
    return next((values for last, values in sorted(_UNTIL.items()) if version <= last), {})
