"""Torch networks, their training, and the shipped packs."""
