"""Work that must not block the window: on threads, in other processes, by timers."""
