"""The audio server of one instance of the plug-in.

`python -m innerear.engine.live.plugin_server FOLDER`, started by the plug-in's shell
(`plugin/shell/Engine.hpp`), which has made the folder with the `HostChannel` in it and ends the
server by closing its stdin. Where a server played in the folder before, this one goes on with its
parameters.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from ..ipc.one_thread import ONE_THREAD
from .__main__ import serve


def prepare(folder: Path) -> None:
    """Make what a server shares with its clients, unless one has played in the folder before.

    Args:
        folder: that the plug-in's shell has made.

    Raises:
        InnerearError: there is no room for it.
    """
    from ..ipc.shared_files import STATE_FILE
    from ..ipc.shared_parameters import SharedParameterSet
    from ..ipc.shared_state import SharedState
    from .live_status import LiveStatus
    from .message_log import next_message
    from .server_settings import ServerSettings, save_settings

    settings = ServerSettings(host=True)
    state_file = folder / STATE_FILE
    if state_file.exists():
        state = SharedState(state_file)
        before = LiveStatus.from_json(state.status()).messages
        news = next_message(before, "The audio engine had ended; it was started again.")
        settings = replace(settings, resumed=True, messages=(*before, news))
    else:
        # Tempo and beat are the host's, whatever clock a controller sends.
        SharedParameterSet(SharedState(state_file, create=True).block, {"sync": "none"})
    save_settings(folder, settings)


def run(folder: Path) -> NoReturn:
    """Play for the plug-in until it ends."""
    os.environ.update({**ONE_THREAD, **os.environ})  # before NumPy is imported
    serve(folder, prepare)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
