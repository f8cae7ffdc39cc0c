"""How many threads NumPy computes in; imports nothing of it, so that it is set before NumPy."""

import os
import sys

ARRAYS_IN_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
"""Products of small arrays in one thread, unless the environment says otherwise: several wait for
each other where the other cores are busy. Torch's threads are others."""
ONE_THREAD = ARRAYS_IN_ONE_THREAD | dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""The environment of an audio server's process: a dream is a quarter older with more threads."""


def compute_arrays_in_one_thread() -> None:
    """Let NumPy compute in one thread in this process; of no effect once it is loaded."""
    if "numpy" not in sys.modules:
        for name, number in ARRAYS_IN_ONE_THREAD.items():
            os.environ.setdefault(name, number)
