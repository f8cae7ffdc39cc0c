"""A plug-in's host in place of sound devices."""
