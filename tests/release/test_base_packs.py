"""The wheel has the packs that the defaults and the shipped presets need, and only these."""

from pathlib import Path

import pytest

import innerear
from innerear.engine.control.presets import load_preset
from innerear.engine.defaults import LIVE_PACK, PACK, PAPERS_PACK
from innerear.engine.former_defaults import former_defaults
from innerear.engine.packs.adding.addable import PUBLISHED, RELEASED
from innerear.engine.packs.weighted_names import split_weighted

ROOT = Path(innerear.__file__).parent


def needed() -> set[str]:
    """Return the packs without which a default or a shipped preset does not play."""
    models = [LIVE_PACK, PACK, PAPERS_PACK]
    models += [str(former_defaults(version).get("model", "")) for version in range(1, 9)]
    models += [
        str(load_preset(path).values()["model"]) for path in (ROOT / "presets").glob("*.json")
    ]
    return {name for model in models for name, _ in split_weighted(model)} - {"", *PUBLISHED}


def test_none_of_them_is_left_out_and_all_others_are() -> None:
    ours = {path.parent.name for path in (ROOT / "models" / "packs").glob("*/manifest.json")}
    if not ours & {*RELEASED}:
        pytest.skip("only a checkout has all packs")
    assert needed() <= ours
    assert {*RELEASED} == ours - needed()
