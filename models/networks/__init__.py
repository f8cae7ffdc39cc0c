"""Torch networks, their front ends, and how a pack's network is rebuilt."""
