"""The networks that the parameter `model` names, as a menu shows and changes them. No Qt."""

from ...engine.packs.weighted_names import split_weighted


def named_models(model: str) -> tuple[str, ...]:
    """Return the names of the networks in a value of the parameter `model`."""
    return tuple(name for name, _ in split_weighted(model))


def toggle_model(model: str, name: str) -> str:
    """Return the value with one network more, or without it; the last one stays.

    Args:
        model: a value of the parameter `model`.
        name: of a pack.
    """
    parts = [part.strip() for part in model.split(",")]
    names = named_models(model)
    if name not in names:
        return ",".join([*parts, name])
    left = [part for part, each in zip(parts, names, strict=True) if each != name]
    if len(left) == 1:  # a network by itself has no weight
        left = [next(each for each in names if each != name)]
    return ",".join(left) or model
