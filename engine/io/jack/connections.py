"""What our JACK ports are connected to, kept from one client to the next."""

import json
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from ...errors import InnerearError
from ...files import write_text

CLIENT_NAME = "innerear"
CONNECTIONS_FILE = "jack.json"


def is_our_client(name: str) -> bool:
    """Return whether a client of this name is an Innerear: `innerear`, `innerear-01` ..."""
    return re.fullmatch(rf"{CLIENT_NAME}(-\d+)?", name) is not None


@dataclass
class Kept:
    """What another client needs in order to go on from here.

    Attributes:
        client: name that JACK gave ours; a second instance has another.
        ports: our port's short name -> full names of the ports that it is, or will be, joined to.
    """

    client: str = CLIENT_NAME
    ports: dict[str, list[str]] = field(default_factory=dict)


_KEPT = TypeAdapter(Kept)


class Ports(Protocol):
    """The ports of a client, and all others."""

    def own(self) -> list[str]:
        """Return the short names of our own ports."""

    def present(self) -> set[str]:
        """Return the full names of all audio ports that there are."""

    def connected(self, port: str) -> set[str]:
        """Return the full names of the ports that one of ours is connected to."""

    def connect(self, port: str, other: str) -> None:
        """Connect one of our ports to another; nothing where that fails."""


class Connections:
    """Remembers what our ports are connected to, and restores it.

    A port that was never open before gets the connections that its opener names. After that the
    user's word counts: what was disconnected stays so, what was connected is connected again, as
    soon as the other program is there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Go on with what is kept in a folder.

        Args:
            folder: of the audio server; None to keep nothing beyond this object.
        """
        self._file = folder / CONNECTIONS_FILE if folder is not None else None
        self._kept = Kept()
        if self._file is not None:
            with suppress(OSError, ValidationError):  # there is none yet, or it is damaged
                self._kept = _KEPT.validate_json(self._file.read_bytes())
        self._written = json.dumps(_KEPT.dump_python(self._kept))
        self._present: set[str] = set()

    @property
    def client_name(self) -> str:
        """The name that our client had, or should have."""
        return self._kept.client

    @property
    def is_known(self) -> bool:
        """Whether our client has had that name before."""
        return bool(self._kept.ports)

    def forget(self, *prefixes: str) -> None:
        """Let the ports whose names begin so be connected as if they had never been open."""
        self._kept.ports = {
            port: others
            for port, others in self._kept.ports.items()
            if not port.startswith(prefixes)
        }

    def restore(self, client_name: str, ports: Ports, first: Mapping[str, Collection[str]]) -> None:
        """Connect the ports of a client that has just been opened.

        Args:
            client_name: that JACK gave it.
            ports: its ports.
            first: what a port that was never open before is connected to.
        """
        self._kept.client = client_name
        self._present = ports.present()
        for port in ports.own():
            wanted = self._kept.ports.setdefault(port, list(first.get(port, ())))
            for other in wanted:
                if other in self._present:
                    ports.connect(port, other)
        self._save()

    def poll(self, ports: Ports) -> None:
        """See what was connected and disconnected meanwhile; connect what has come back."""
        present = ports.present()
        connected = {port: ports.connected(port) for port in ports.own()}
        if not present:  # the server has ended
            return
        before, self._present = self._present, present
        for port, others in connected.items():
            wanted = self._kept.ports.get(port, [])
            self._kept.ports[port], missing = followed(wanted, others, before, present)
            for other in missing:
                ports.connect(port, other)
        self._save()

    def _save(self) -> None:
        text = json.dumps(_KEPT.dump_python(self._kept))
        if text == self._written or self._file is None or not self._file.parent.exists():
            return
        with suppress(InnerearError):  # the disk is full, say: they are kept while this lasts
            write_text(self._file, text)
        self._written = text


def followed(
    wanted: Collection[str], connected: Collection[str], before: set[str], present: set[str]
) -> tuple[list[str], list[str]]:
    """Return what a port is to be connected to from now on, and what of it has to be connected.

    A port that vanished took its connections along, and gets them again when it is back. Where both
    ends were there all the time, somebody has disconnected them.

    Args:
        wanted: what the port was to be connected to.
        connected: what it is connected to.
        before: all ports that there were at the last look.
        present: all ports that there are.

    Returns:
        both as full names, in the order of `wanted`, what is new behind.
    """
    back = [
        other
        for other in wanted
        if other not in connected and other in present and other not in before
    ]
    kept = [
        other for other in wanted if other in connected or other not in present or other in back
    ]
    return kept + sorted(set(connected) - set(kept)), back
