"""The errors of Innerear: `InnerearError` and its children, each with one line that says more."""

from .engine.errors import (
    AudioFileError,
    DeviceError,
    InnerearError,
    LibraryError,
    ModelError,
    ParameterError,
    PresetError,
)

__all__ = [
    "AudioFileError",
    "DeviceError",
    "InnerearError",
    "LibraryError",
    "ModelError",
    "ParameterError",
    "PresetError",
]
