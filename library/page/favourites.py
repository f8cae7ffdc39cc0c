"""The items of a library that its listeners keep, in a file of the library."""

import json
import threading

from ...engine.errors import LibraryError
from ...engine.files import parse_json
from ..place import Place

FAVOURITES_FILE = "favourites.json"


class Favourites:
    """Reads and writes the file; any thread may call it."""

    def __init__(self, place: Place) -> None:
        """Write nothing yet.

        Args:
            place: of the library.
        """
        self._place = place
        self._lock = threading.Lock()

    def items(self) -> list[str]:
        """Return the names of the favourites, in the order in which they were chosen.

        Raises:
            LibraryError: the file is damaged or cannot be read.
        """
        if not self._place.exists(FAVOURITES_FILE):
            return []
        try:
            names = parse_json(self._place.read(FAVOURITES_FILE))
        except ValueError:
            names = None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise LibraryError(
                f"{self._place}/{FAVOURITES_FILE} is no list of items; mend it or delete it."
            )
        return names

    def choose(self, item: str, favourite: bool) -> list[str]:
        """Make an item a favourite, or no longer one; return all.

        Raises:
            LibraryError: the file is damaged, or the disk refuses.
        """
        with self._lock:
            names = [name for name in self.items() if name != item]
            names += [item] * favourite
            self._place.write(FAVOURITES_FILE, (json.dumps(names, indent=1) + "\n").encode())
            return names
