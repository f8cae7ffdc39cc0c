"""What was heard lately: spectrograms, activations over time, meters."""
