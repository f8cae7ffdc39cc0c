"""Lets other programs find OSC by name, without a port typed in (zeroconf, also called Bonjour)."""

import asyncio
import os
import socket
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Self

from ..errors import DeviceError
from ..optional import require

NAME = "Innerear"
OSC_SERVICE = "_osc._udp.local."
OSC_QUERY_SERVICE = "_oscjson._tcp.local."
_ALL = "0.0.0.0"


class Announcement:
    """Announces an OSC server and its OSCQuery until it is closed.

    Where the server listens on this machine only, only this machine hears of it.
    """

    def __init__(
        self,
        host: str,
        osc_port: int,
        query_port: int,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Begin; within two seconds it is known.

        Args:
            host: at which both listen.
            osc_port: UDP.
            query_port: TCP.
            say: called with a line about what does not work, by another thread.

        Raises:
            MissingLibraryError: the library is not installed.
            DeviceError: the system does not let us.
        """
        require("Finding OSC by name needs", "zeroconf")
        import zeroconf

        self._say = say
        places = zeroconf.get_all_addresses() if host == _ALL else [socket.gethostbyname(host)]
        try:
            self._zeroconf = zeroconf.Zeroconf(places)
        except OSError as problem:
            raise DeviceError(f"OSC cannot be found by name: {problem.strerror}.") from None
        infos = [
            zeroconf.ServiceInfo(
                service,
                f"{NAME}.{service}",
                port=port,
                addresses=[socket.inet_aton(place) for place in places],
                server=f"{NAME.lower()}-{os.getpid()}-{osc_port}.local.",
            )
            for service, port in ((OSC_SERVICE, osc_port), (OSC_QUERY_SERVICE, query_port))
        ]
        self._tasks = [self._begin(self._register(info)) for info in infos]

    def close(self) -> None:
        """Take it back."""
        for task in self._tasks:
            task.cancel()
        self._zeroconf.unregister_all_services()
        self._zeroconf.close()

    def __enter__(self) -> Self:
        """Return the announcement itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    async def _register(self, info: Any) -> None:
        # A second instance is called Innerear-2.
        await (await self._zeroconf.async_register_service(info, allow_name_change=True))

    def _begin(self, registering: Any) -> "Future[None]":
        task: Future[None] = asyncio.run_coroutine_threadsafe(registering, self._zeroconf.loop)
        task.add_done_callback(self._report)
        return task

    def _report(self, task: "Future[None]") -> None:
        problem = None if task.cancelled() else task.exception()
        if problem is not None:
            self._say(f"OSC cannot be found by name: {problem or type(problem).__name__}")
