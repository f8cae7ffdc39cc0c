"""Completions that the shell offers."""


def complete_preset(incomplete: str) -> list[str]:
    """Return the names of presets that begin with what was typed."""
    from ...engine.control.presets import available_presets

    return [name for name in available_presets() if name.startswith(incomplete)]
