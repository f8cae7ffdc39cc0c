"""The environment of an audio server's process; imports nothing, so that it is set before NumPy."""

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Products of small arrays in one thread, unless the environment says otherwise: several wait for
each other where the other cores are busy, and a dream is a quarter older."""
