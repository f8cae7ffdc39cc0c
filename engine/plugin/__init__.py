"""The processor: prepare, process, reset, latency; and what renders files with it."""
