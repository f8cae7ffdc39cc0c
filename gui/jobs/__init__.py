"""Work beside the window: threads, processes, timers."""
