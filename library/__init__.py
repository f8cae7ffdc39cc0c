"""A library of dreams: many sounds dreamed with many settings, stored, measured and queried."""
