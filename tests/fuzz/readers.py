"""Every reader of input that others may have made."""

from . import controls, libraries, packs, sounds, weights

TARGETS = {
    target.name: target
    for room in (packs, controls, sounds, libraries, weights)
    for target in room.TARGETS
}
"""The targets by name."""
