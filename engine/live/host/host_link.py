"""An audio server's side of the plug-in that has started it."""

from collections.abc import Callable
from pathlib import Path

from ...ipc.host_channel import HOST_FILE, HostChannel
from ...parameter_values import ParameterSet
from ...plugin.processor import Processor
from .host_control import HostControl
from .host_stream import HostStream, Player


class HostLink:
    """Opens the stream of a plug-in's host, and serves it; called by the server's main loop."""

    def __init__(
        self,
        folder: Path,
        parameters: ParameterSet,
        player: Player,
        offline: Callable[[int, int], Processor],
        handle_midi: Callable[[str, list[int], float], None],
        say: Callable[[str], None],
    ) -> None:
        """Join the channel in a folder that the plug-in's shell has made.

        Args:
            folder: of the server.
            parameters, handle_midi: see `HostControl`.
            player, offline: see `HostStream`.
            say: shows a message to people.

        Raises:
            DeviceError: there is no channel, or one of another version.
        """
        self._file = folder / HOST_FILE
        self._channel = HostChannel(self._file)
        self._control = HostControl(self._channel, parameters, handle_midi, say)
        self._player, self._offline, self._say = player, offline, say
        self.beat = self._channel.beat
        """Tells the plug-in's shell that the server lives; any thread may call it."""

    def leave(self) -> None:
        """Say that the host is gone: the folder is that of its members from here on."""
        self._file.unlink(missing_ok=True)

    def prepare(self) -> None:
        """Take the state that the host has kept, which says which network to load."""
        self._control.poll()
        self._control.announce_early()

    def open(self) -> HostStream:
        """Begin to answer the host."""
        return HostStream(self._player, self._channel, self._control, self._offline, self._say)

    def serve(self, stream: object, newest: Processor | None, settled: bool) -> None:
        """Exchange values and states with the host, and tell it the latency.

        Args:
            stream: that is open.
            newest: the processor that was prepared last; None while there is none.
            settled: whether that is what the parameters ask for.
        """
        self._control.poll()
        self._channel.plays = newest is not None
        if newest is None:
            self._control.announce_early()  # another rate, and the network is being loaded
        elif isinstance(stream, HostStream):
            settled = settled and not self._control.awaits_state
            stream.announce(newest.latency_samples, settled)
