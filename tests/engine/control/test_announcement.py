"""OSC is found by name on this machine."""

import os
from collections.abc import Callable

import pytest

from innerear.engine.control import announcement
from innerear.engine.control.announcement import OSC_QUERY_SERVICE, OSC_SERVICE, Announcement
from innerear.engine.optional import MissingLibraryError

from ...conftest import leave_out

FINDING_MS = 8000


def test_both_services_are_found_with_their_ports(
    require: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    require("zeroconf")
    from zeroconf import Zeroconf

    name = f"Innerear-{os.getpid()}"  # others on this machine are announced, too
    monkeypatch.setattr(announcement, "NAME", name)
    problems: list[str] = []
    seeker = Zeroconf(interfaces=["127.0.0.1"])
    try:
        with Announcement("127.0.0.1", 9123, 9124, problems.append):
            for service, port in ((OSC_SERVICE, 9123), (OSC_QUERY_SERVICE, 9124)):
                found = seeker.get_service_info(service, f"{name}.{service}", FINDING_MS)
                if found is None and not problems:
                    leave_out("nothing is heard on loopback: no multicast on this machine")
                assert found is not None, problems
                assert found.port == port
                assert found.parsed_addresses() == ["127.0.0.1"]
    finally:
        seeker.close()
    assert problems == []


def test_a_missing_library_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("innerear.engine.optional.find_spec", lambda name: None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'innerear\[sync\]'"):
        Announcement("127.0.0.1", 1, 2)
