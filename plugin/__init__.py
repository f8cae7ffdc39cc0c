"""The plug-in for digital audio workstations: how it is built, packed and installed."""
