"""The page of a library: a map of all dreams in a browser, to be played, compared and kept."""
