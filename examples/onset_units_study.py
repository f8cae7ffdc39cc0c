"""Which units of a layer tell onsets? Prints a table and draws a figure."""

import argparse
from pathlib import Path

import innerear
from innerear.engine.analysis.onsets import activations_over_time, level_over_time, rank_onsets
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, onset_seconds, short_phrase
from innerear.engine.plots.auralise_plots import onsets_figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="stftcnn-instruments")
    parser.add_argument("--layer", default="conv1")
    parser.add_argument("--figure", type=Path, default=Path("onset-units.png"))
    parser.add_argument("--shown", type=int, default=8, help="rows of the table")
    given = parser.parse_args()

    phrase, onsets = short_phrase(), onset_seconds()
    pack = innerear.load(given.model)
    activations = activations_over_time(phrase, SAMPLE_RATE, pack, given.layer)
    ranked = rank_onsets(activations, onsets)
    (level,) = rank_onsets(level_over_time(phrase, SAMPLE_RATE), onsets)

    print(f"{given.layer} of {pack.name} against {len(onsets)} onsets")
    print("unit   precision  recall  F")
    for score in ranked[: given.shown]:
        print(f"{score.unit:4}   {score.precision:9.2f}  {score.recall:6.2f}  {score.f:.2f}")
    print(f"level  {level.precision:9.2f}  {level.recall:6.2f}  {level.f:.2f}")
    title = f"{given.layer} of {pack.name} as onset detectors"
    onsets_figure(given.figure, title, ranked, level, activations, onsets)
    print(f"wrote {given.figure}")


if __name__ == "__main__":
    main()
