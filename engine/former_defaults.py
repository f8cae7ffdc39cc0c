"""What a document of an older version means where it leaves a parameter out.

A preset or a performance log that was written before a parameter was there, or before its default
changed, has to sound as it did. An entry is added here when a default changes, and the versions of
the formats are raised: see `control/preset_file.py` and `replay/reader.py`.
"""

from collections.abc import Mapping

from .parameter import Value

DEFAULTS_BEFORE_FILTER: Mapping[str, Value] = {
    "parameterisation": "waveform",
    "model": "samplecnn-instruments",
}
"""In presets up to schema version 2 and performance logs up to version 2."""
