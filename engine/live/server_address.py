"""Where an audio server answers requests, kept in its folder for clients that join it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import DeviceError
from ..files import read_json, write_text

_ADDRESS_FILE = "address.json"
_MOST_BYTES = 10_000


@dataclass(frozen=True)
class ServerAddress:
    """Where a server answers requests.

    Attributes:
        port: on this machine.
        secret: that every request must contain.
        pid: number of its process.
        birth: of the process, see `birth_of`.
    """

    port: int
    secret: str
    pid: int
    birth: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ServerAddress":
        """Read what `as_dict` returned."""
        port, pid = int(data["port"]), int(data["pid"])
        return cls(port, str(data["secret"]), pid, str(data["birth"]))


def save_address(folder: Path, address: ServerAddress) -> None:
    """Write where the server of this folder answers."""
    write_text(folder / _ADDRESS_FILE, json.dumps(address.as_dict()))


def remove_address(folder: Path) -> None:
    """Say that the server of this folder was asked to end, so that no client restarts it."""
    (folder / _ADDRESS_FILE).unlink(missing_ok=True)


def has_address(folder: Path) -> bool:
    """Whether a server plays in this folder, or has ended without being asked to."""
    return (folder / _ADDRESS_FILE).exists()


def read_address(folder: Path) -> ServerAddress:
    """Return where the server of this folder answers.

    Raises:
        DeviceError: there is none.
    """
    try:
        return ServerAddress.from_dict(read_json(folder / _ADDRESS_FILE, _MOST_BYTES))
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as problem:
        raise DeviceError(f"No audio engine plays in {folder}; start one first.") from problem
