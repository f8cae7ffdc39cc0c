"""Views of the last seconds: spectrograms, activation history, meters."""
