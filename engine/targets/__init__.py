"""What is excited: targets in words, and objectives on layers."""
