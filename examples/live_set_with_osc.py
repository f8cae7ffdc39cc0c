"""Play a live set that is controlled over OSC; needs no sound device.

The script plays a file in a `Session`, opens an OSC port, and sends to it what a controller sends.
"""

import argparse
import tempfile
import time
from pathlib import Path

from pythonosc.udp_client import SimpleUDPClient

import innerear
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.io.audio_files import SoundWriter
from innerear.engine.live.osc_client import OscClient

MOVES = (
    ("/innerear/target", "Brass"),
    ("/innerear/feedback", 0.4),
    ("/innerear/delay_ms", "1/8."),
    ("/innerear/step", 1.5),
    ("/innerear/clear", 1),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, help="a sound file (default: a phrase made here)")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of the set")
    given = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder, innerear.Session() as session:
        path = given.file or Path(folder) / "phrase.wav"
        if given.file is None:
            with SoundWriter(path, SAMPLE_RATE, 2) as writer:
                writer.write(short_phrase())
        session.start_file(path)
        with OscClient(session.folder, port=0) as osc:
            controller = SimpleUDPClient(osc.server.host, osc.server.port)
            for address, value in MOVES:
                controller.send_message(address, value)
                time.sleep(given.seconds / len(MOVES))
                status = session.status()
                if status is not None:
                    print(f"{address} {value}: dreams so far {status.dreams.count}")
        print("played with", {id: session.parameters[id] for id in ("target", "feedback", "step")})


if __name__ == "__main__":
    main()
