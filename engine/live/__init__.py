"""Live play: the audio server, and the session that clients use."""
