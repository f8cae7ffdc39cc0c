"""Torch networks, their training, and the packs that we ship."""
