"""Inference in processes of its own, and the memory that processes share."""
