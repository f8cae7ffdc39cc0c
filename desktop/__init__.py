"""Innerear among the programs of a Linux desktop: its entry, its icon, and the files it opens."""
