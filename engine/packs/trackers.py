"""What the gradient-free drives need of a network, or of several."""

from .network import PackLike
from .network_set import NetworkSet
from .pack import Pack
from .tracker import Tracker


def tracker_of(pack: PackLike) -> Tracker | None:
    """Open it for one thread; None where a network has no templates."""
    if isinstance(pack, NetworkSet):
        return pack.tracker()
    return Tracker(pack) if isinstance(pack, Pack) and pack.has_templates else None
