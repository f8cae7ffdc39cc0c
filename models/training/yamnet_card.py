"""Writes the model card of YAMNet's pack: its origin, its classes, and the changes."""

from ..networks.geometry import LayerGeometry

_PAGE = "https://github.com/tensorflow/models/tree/master/research/audioset/yamnet"


def yamnet_card(
    layers: list[LayerGeometry], checksum: str, published: str | None, draws: int
) -> str:
    """Write the card.

    Args:
        layers: of the network.
        checksum: SHA-256 of the file that the weights were taken from.
        published: that file's name, where it is one that Google published.
        draws: noises that the templates were found with.

    Returns:
        Markdown.
    """
    origin = f"Google's `{published}`" if published else "a file that is **not** one of Google's"
    rows = [
        f"| {layer.name} | {layer.units} | {layer.hop} | {layer.receptive_field} |"
        for layer in layers
    ]
    return "\n".join(
        [
            "# YAMNet, 521 kinds of sound",
            "",
            "Google's classifier of everyday sounds, by Manoj Plakal and Dan Ellis: a MobileNet",
            f"on log-mel patches of 0.96 s. Its own page: <{_PAGE}>.",
            "",
            f"The weights come from {origin} (SHA-256 `{checksum}`), licensed under the Apache",
            "License 2.0: <https://www.apache.org/licenses/LICENSE-2.0>. Changed: the batch",
            "normalisations are folded into the convolutions, whole numbers (of a TensorFlow Lite",
            "file) are turned back into float32, and the front end is computed exactly, where",
            "that file rounds its matrices: on tonal sounds its scores differ for that reason.",
            "",
            "It was trained on AudioSet: two million ten-second sound tracks of videos, labelled",
            "by people. Its authors measured a mean average precision of 0.306, balanced over the",
            "classes, on AudioSet's evaluation set. Scores are independent, 0..1, and say nothing",
            "of how likely a class is: some reach high scores far more easily than others.",
            "",
            "| layer | units | hop (samples) | sees (samples) |",
            "|---|---|---|---|",
            *rows,
            "",
            "The mean of `layer14` is what the authors call the embedding.",
            "",
            f"The templates were found by reverse correlation with {draws} noises: what the",
            "spectra that excite a unit have in common. For deep layers they are rough.",
            "",
        ]
    )
