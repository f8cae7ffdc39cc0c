"""Sound through a JACK server without PortAudio between: named ports, latency, transport."""
