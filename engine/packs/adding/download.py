"""Downloads one published file: resumes a broken connection, and checks the result."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import ModelError

ATTEMPTS = 4
"""In a row without a new byte, before the download fails."""
PAUSE_SECONDS = 0.5
_TIMEOUTS_SECONDS = (10, 30)
"""To connect, and between two pieces."""
PIECE = 1 << 14
"""Bytes read at once: a piece that was cut off is requested again."""
_PARTIAL, _BAD_RANGE = 206, 416
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Published:
    """A file that others publish.

    Attributes:
        url: its address.
        sha256: of the content, in lower-case hexadecimal.
        size: in bytes.
    """

    url: str
    sha256: str
    size: int


def download(file: Published, path: Path, progress: Progress = lambda done: None) -> None:
    """Download a file, and resume where the connection breaks; on failure nothing is left behind.

    Args:
        file: what to fetch.
        path: where to put it, once it is whole and its checksum right.
        progress: called with the number of bytes that are here.

    Raises:
        ModelError: it cannot be reached, breaks off for good, or has another checksum.
    """
    import pooch
    import requests

    pooch.get_logger().setLevel("WARNING")
    try:
        pooch.retrieve(
            file.url,
            known_hash=f"sha256:{file.sha256}",
            fname=path.name,
            path=path.parent,
            downloader=partial(_fetch, file, progress),
        )
    except requests.HTTPError as error:
        status = f"{error.response.status_code} {error.response.reason}"
        raise ModelError(f"{file.url} cannot be downloaded: the server says {status}.") from error
    except (requests.ConnectionError, requests.Timeout) as error:
        raise ModelError(f"{file.url} cannot be downloaded: {_reason(error)}.") from error
    except requests.RequestException as error:
        raise ModelError(f"The download of {file.url} broke off.") from error
    except ValueError as error:  # of pooch: another checksum
        raise ModelError(
            f"What {file.url} sends is not the file that was published (its checksum differs); "
            "it was deleted."
        ) from error


def _fetch(file: Published, progress: Progress, url: str, output_file: str, _: Any) -> None:
    """Download into a file of pooch's, which deletes it where this raises."""
    import requests

    in_vain = 0
    with open(output_file, "wb") as output, requests.Session() as session:
        while output.tell() < file.size:
            before = output.tell()
            try:
                _fetch_rest(session, file, output, progress)
                if output.tell() < file.size:
                    raise requests.ConnectionError("the connection broke off")
            except requests.HTTPError:
                raise
            except requests.RequestException:
                in_vain = 0 if output.tell() > before else in_vain + 1
                if in_vain == ATTEMPTS:
                    raise
                time.sleep(PAUSE_SECONDS * in_vain)


def _fetch_rest(session: Any, file: Published, output: BinaryIO, progress: Progress) -> None:
    """Request what is missing, and write it as it arrives."""
    done = output.tell()
    # Compressed, the bytes that came could not be counted.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    with session.get(file.url, headers=headers, stream=True, timeout=_TIMEOUTS_SECONDS) as response:
        if response.status_code != _BAD_RANGE:
            response.raise_for_status()
        starts = response.headers.get("Content-Range", "").startswith(f"bytes {done}-")
        if not (response.status_code == _PARTIAL and starts):
            # The server ignores ranges, and sends the whole file again.
            output.seek(0)
            output.truncate()
        if response.status_code == _BAD_RANGE:
            return
        for piece in response.iter_content(PIECE):
            # One byte more than there should be is enough to fail the checksum.
            output.write(piece[: file.size + 1 - output.tell()])
            if output.tell() > file.size:
                return
            progress(output.tell())


def _reason(error: Exception) -> str:
    """Return why there is no connection, in a few words."""
    text = str(error)
    if "resolve" in text or "Name or service" in text:
        return "its address is not found; is there a network connection?"
    if "timed out" in text.lower():
        return "the server does not answer"
    return "the connection fails"
