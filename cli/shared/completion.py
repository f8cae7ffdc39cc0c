"""Completions that the shell offers."""


def complete_preset(incomplete: str) -> list[str]:
    """Return the names of presets that begin with what was typed."""
    from ...engine.control.presets import available_presets

    return [name for name in available_presets() if name.startswith(incomplete)]


def complete_model(incomplete: str) -> list[str]:
    """Return the texts that complete a model's name; of several, the one after the last comma.

    Models that can be added are offered as well: naming one says how.
    """
    from ...engine.packs.adding.addable import ADDABLE
    from ...engine.packs.pack import available_packs

    before, comma, begun = incomplete.rpartition(",")
    named = {part.partition(":")[0] for part in before.split(",")}
    return [
        before + comma + name
        for name in dict.fromkeys([*available_packs(), *ADDABLE])
        if name.startswith(begun) and name not in named
    ]


def complete_addable(incomplete: str) -> list[str]:
    """Return the names of models that can be added and begin with what was typed."""
    from ...engine.packs.adding.addable import ADDABLE

    return [name for name in ADDABLE if name.startswith(incomplete)]
