"""Performance logs: writing, reading and replaying them."""
