"""Knobs, choices and switches: one control a file; each shows a parameter and owns nothing."""
