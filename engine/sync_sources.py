"""What tempo and beat can follow while playing live, and what each choice means."""

from collections.abc import Mapping

SYNC_SOURCES: Mapping[str, str] = {
    "auto": "a MIDI clock that sends, or else JACK's transport while it rolls",
    "midi": "a MIDI clock alone",
    "jack": "JACK's transport alone",
    "link": "an Ableton Link session in the network, while others take part",
    "none": "nothing; taps and the tempo knob remain",
}
"""Choice -> meaning. Link is never joined unasked: it opens the network."""
FOLLOWS_MIDI = ("auto", "midi")
FOLLOWS_JACK = ("auto", "jack")
FOLLOWS_LINK = ("link",)
