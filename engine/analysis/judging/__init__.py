"""Judging dreams: what networks that took no part hear in them, and how they sound."""
