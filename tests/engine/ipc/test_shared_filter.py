"""The filter that is dreamed, as the audio server shares it with its clients."""

from pathlib import Path

import numpy as np

from innerear.engine.ipc.shared_state import SharedState


def test_clients_read_the_filter_that_was_published_last(tmp_path: Path) -> None:
    server = SharedState(tmp_path / "state", create=True)
    client = SharedState(tmp_path / "state")
    assert client.filter() is None
    for bins in (2049, 129):
        log_gain = np.linspace(-1.0, 1.0, bins, dtype=np.float32)
        server.write_filter(log_gain)
        found = client.filter()
        assert found is not None
        np.testing.assert_array_equal(found, log_gain)
    server.write_filter(None)
    assert client.filter() is None
