"""A host that plays the plug-in in real time until it is killed: `... plugin_host LIBRARY`.

It ends with a traceback where the plug-in gives a sample above full scale, or none at all.
"""

import sys
from pathlib import Path

import numpy as np

from ..plugin.clap_host import ClapHost

RATE, BLOCK = 48_000, 512


def main(library: Path) -> None:
    """Play noise, and turn knobs."""
    rng = np.random.default_rng(0)
    sound = rng.uniform(-0.3, 0.3, (2, RATE // 2)).astype(np.float32)
    with ClapHost(library, rate=RATE, block_size=BLOCK) as host:
        while True:
            host.set(Feedback=float(rng.random()), Mix=float(rng.random()))
            out = host.play(sound, BLOCK, pace=1)
            assert np.isfinite(out).all()
            assert np.abs(out).max() <= 1.0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
