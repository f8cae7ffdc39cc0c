"""The defaults of Innerear's methods, which Python and the command line share.

Each knob of each method has one default, and it is declared here or with the parameters: those of
live play in `parameters.py`, those of the offline recursion in `analysis/dream_settings.py`. This
module loads no library, so that the command line can show the defaults in its help texts.
"""

from .parameters import PARAMETERS

LIVE_PACK = str(PARAMETERS["model"].default)
"""The networks whose dream of a stream others hear best."""
PACK = "samplecnn-instruments"
"""The network of the methods on whole sounds, but for `auralise`: it is the most accurate."""
SEED = 0
"""Of everything that is drawn by chance."""

BLOCK_SIZE = 128
"""Samples in each call of the processor, when a whole sound is rendered."""

PAPERS_PACK = "stftcnn-instruments"
"""Of `auralise` and the command `dream`: the network that is nearest to those of their papers."""
AURALISE_UNIT = "auto"
"""The unit that is most active in the sound."""
AURALISE_RULE = "deconv"
"""How ReLUs are passed backwards, as in the paper."""

MAXIMISE_STEPS = 256
"""At most, of `maximise` and `spectra`."""
MAXIMISE_PARAMETERISATION = "spectrum"
MAXIMISE_OPTIMISER = "adam"
MAXIMISE_LEARNING_RATE = 0.2
MAXIMISE_JITTER_MS = 30.0
MAXIMISE_AUDIBLE = 0.02
"""Strength of the A-weighted decay; see `a_weighting.Ear`."""

SPECTRA_PARAMETERISATION = "waveform"
"""Every sample is free, so that the spectra are the network's own choice."""
