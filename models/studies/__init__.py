"""Studies: measurements of dreams and packs, and tests of published findings."""
