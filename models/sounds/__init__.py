"""Training sounds: rendered instruments, voices, noises and spoken digits."""
