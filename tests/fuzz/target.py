"""A reader under test: what it reads, and what may come of it."""

import os
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

from innerear.engine.errors import InnerearError

from .mutations import Mutate
from .sandbox import ForbiddenError, TooLongError, confined

CORPUS = Path(__file__).resolve().parent / "corpus"
"""A folder for each target: inputs that were wrong once, by the hash of their content."""
_LONGEST_MESSAGE = 1000

Read = Callable[[bytes], object]
"""Gives input to a reader; `InnerearError` is an answer, as is whatever it returns."""


@dataclass(frozen=True)
class Target:
    """A reader.

    Attributes:
        name: of the target.
        prepare: called once with an empty folder, in which all may be written; returns the reader.
        seeds: valid input.
        mutate: makes hostile input of it.
        needs: components without which it cannot be tested, as `tests/conftest.py` names them.
        long_only: whether `make test` leaves mutated input out: it takes seconds to begin.
        examples: how many inputs `make test` tries, where the usual number takes long; 0 for that.
    """

    name: str
    prepare: Callable[[Path], Read]
    seeds: Callable[[], tuple[bytes, ...]]
    mutate: Mutate
    needs: tuple[str, ...] = ()
    long_only: bool = False
    examples: int = 0

    @cached_property
    def reader(self) -> "Reader":
        """The reader, prepared."""
        return Reader(self)

    @property
    def kept(self) -> Mapping[str, bytes]:
        """The inputs that were wrong once, by name."""
        folder = CORPUS / self.name
        return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}


class Reader:
    """A target at work, in a folder of its own."""

    def __init__(self, target: Target) -> None:
        """Prepare it."""
        self._folder = tempfile.TemporaryDirectory(prefix="innerear-fuzz-")
        self.folder = Path(self._folder.name).resolve()
        (self.folder / "home").mkdir(mode=0o700)
        with _at_home(self.folder):
            self._read = target.prepare(self.folder)
        self.seeds = target.seeds()
        self._mutate = target.mutate
        for seed in self.seeds:  # what is loaded at first use is no concern of the limits
            self._try(seed)

    def input(self, random: Random, more: Sequence[bytes] = ()) -> bytes:
        """Return hostile input, made of valid input or of `more`."""
        return self.mutated(random.choice((*self.seeds, *more)), random)

    def mutated(self, data: bytes, random: Random) -> bytes:
        """Return other input, made of this."""
        for _ in range(random.randint(1, 2)):
            data = self._mutate(data, random)
        return data

    def attempt(self, data: bytes) -> str:
        """Give input to the reader, and return what came of it: a name for the place.

        Raises:
            AssertionError: anything but success or one clear line.
        """
        try:
            with confined(self.folder):
                return self._try(data)
        except (ForbiddenError, TooLongError, Exception) as problem:
            where = "".join(traceback.format_exception(problem))
            raise AssertionError(f"{type(problem).__name__}: {problem!s:.300}\n{where}") from None

    def _try(self, data: bytes) -> str:
        try:
            with _at_home(self.folder):
                self._read(data)
        except InnerearError as problem:
            message = str(problem)
            assert "\n" not in message, f"more than one line: {message!r:.300}"
            assert 0 < len(message) <= _LONGEST_MESSAGE, f"{len(message)} characters: {message:.99}"
            raised = traceback.extract_tb(problem.__traceback__)[-1]
            return f"{type(problem).__name__} at {Path(raised.filename).name}:{raised.lineno}"
        return "read"


@contextmanager
def _at_home(folder: Path) -> Iterator[None]:
    """Let the user's folders be in another one, which is the working folder, too."""
    before, names = Path.cwd(), ("CONFIG_HOME", "DATA_HOME", "CACHE_HOME", "RUNTIME_DIR")
    homes = {"HOME": str(folder), **{f"XDG_{name}": str(folder / "home") for name in names}}
    kept = {name: os.environ.get(name) for name in homes}
    os.environ.update(homes)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
