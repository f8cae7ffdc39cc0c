"""The `innerear` command."""
