"""`innerear live`: the terminal's client."""
