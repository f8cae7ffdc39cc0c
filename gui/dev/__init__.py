"""Developers' tools: a benchmark and screenshots of the window."""
