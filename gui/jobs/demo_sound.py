"""Makes the demo sound that the window plays for those who have no sound of their own at hand."""

from pathlib import Path

from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ...engine.errors import InnerearError
from ...engine.files import disk_error
from ...engine.io.audio_files import SoundWriter


def demo_sound() -> Path:
    """Return the file of a short phrase in the user's cache; make it where it is missing.

    Raises:
        InnerearError: it cannot be written.
    """
    import platformdirs

    path = platformdirs.user_cache_path("innerear", appauthor=False) / "demo-sound.wav"
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise disk_error(path.parent, problem, InnerearError) from problem
        phrase = short_phrase()
        with SoundWriter(path, SAMPLE_RATE, len(phrase)) as writer:
            writer.write(phrase)
    return path
