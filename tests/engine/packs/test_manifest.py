"""What a manifest says in words."""

from innerear.engine.packs.pack import load_pack


def test_accuracy_says_whether_it_was_held_out() -> None:
    manifest = load_pack("samplecnn-digits").manifest
    assert manifest.accuracy_in_words() == (
        "accuracy (held out): 94.2 % (speaker), 87.8 % (speaker, coloured)"
    )
    assert manifest.accuracy_in_words(most=1) == "accuracy (held out): 94.2 % (speaker)"
    taught = manifest.model_copy(update={"accuracy": {"cross-validated": 0.9}})
    assert taught.accuracy_in_words() == "accuracy (cross-validated): 90.0 %"
    assert manifest.model_copy(update={"accuracy": {}}).accuracy_in_words() == ""
