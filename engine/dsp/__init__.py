"""Signal processing on arrays: no files, no devices, no networks."""
