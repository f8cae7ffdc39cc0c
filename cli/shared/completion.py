"""What the shell offers when Tab is pressed."""


def complete_preset(incomplete: str) -> list[str]:
    """Return the names of presets that begin as what was typed."""
    from ...engine.control.presets import available_presets

    return [name for name in available_presets() if name.startswith(incomplete)]
