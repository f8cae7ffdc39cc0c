"""The grammar of targets: layers, units and classes as text, read and written in one place.

A target, as the parameters `layer` and `target` hold it, and everything else that names units:

    layers = layer [":" weight] {"," layer [":" weight]}
    target = term {" + " term}
    term   = [layers "/"] what ["*" weight]
    what   = "auto" | "energy" | "sound" | unit | class

`output/Brass*0.7 + conv5/12*0.3` is the canonical spelling. Lists of units, which the commands that
look at units take, know these spellings besides:

    list   = term {("," | " + ") term}
    term   = [layer ":"] what ["=" weight]
    what   = unit "-" unit | "all" | beginning of a class

Names of classes may hold any of these signs.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..errors import ModelError, ParameterError, nearest
from ..packs.manifest import OUTPUT_LAYER, LayerInfo
from ..packs.merged_layers import own_name
from ..packs.onnx_runners import check_layers
from ..packs.weighted_names import split_weighted, weight_of, write_weighted

ALL = "all"
AUTO, ENERGY, SOUND = "auto", "energy", "sound"

_JOIN = re.compile(r"\s\+\s")
_LIST_JOIN = re.compile(r"(\s\+\s|,)")
_WEIGHT_DIGITS = 3

Kind = Literal["auto", "energy", "sound", "units"]
_WITHOUT_UNITS: Mapping[str, Kind] = {AUTO: "auto", ENERGY: "energy", SOUND: "sound"}
Layers = Mapping[str, LayerInfo]


@dataclass(frozen=True)
class Term:
    """One term of a target, read against a network.

    Attributes:
        kind: `auto` (each layer's strongest unit), `energy` (all units, as active as they are),
            `sound` (all units, as active as in the target sound) or `units`.
        layers: layer -> weight.
        units: of each of the layers; a class is a unit of `output`. Empty for other kinds.
        weight: of the whole term.
        text: as it was written, without its weight.
    """

    kind: Kind
    layers: Mapping[str, float]
    units: tuple[int, ...]
    weight: float
    text: str


@dataclass(frozen=True)
class WrittenTerm:
    """One term of a target as text, of whatever network.

    Attributes:
        name: what is excited, with its layers where some are written before it.
        weight: how much of its direction enters; below 0 it is avoided.
    """

    name: str
    weight: float = 1.0


def parse_layers(text: str, layers: Layers) -> dict[str, float]:
    """Read one or several layer names, each with an optional weight: `conv5,output:0.5`.

    Args:
        text: names separated by commas; a weight follows a colon, 1 where there is none. Of several
            networks' layers (`network.layer`), a name alone means that of the first that has it.
        layers: those the model has.

    Returns:
        layer -> weight.

    Raises:
        ModelError: a layer that the model does not have; the message lists the nearest.
        ParameterError: a weight that is not a finite number.
    """
    chosen: dict[str, float] = {}
    for written, weight in split_weighted(text):
        own = (whole for whole in layers if own_name(whole) == written)
        name = written if written in layers else next(own, written)
        check_layers({name: None}, layers)
        chosen[name] = weight_of("layer", name, weight)
    return chosen


def write_layers(weights: Mapping[str, float]) -> str:
    """Return the text that `parse_layers` reads."""
    return write_weighted(weights.items())


def split_target(text: str) -> tuple[WrittenTerm, ...]:
    """Split a target into its terms, without a network to read them against.

    Args:
        text: such as `Brass*0.7 + conv5/12*0.3`.

    Raises:
        ParameterError: a part without a name, or a weight that is not a finite number.
    """
    return tuple(_written(part.strip(), text) for part in _JOIN.split(f" {text} "))


def write_target(terms: Iterable[WrittenTerm]) -> str:
    """Return the text that `split_target` reads; terms of weight 0 are left out."""
    kept = [replace(term, weight=round(term.weight, _WEIGHT_DIGITS)) for term in terms]
    return " + ".join(
        term.name if term.weight == 1.0 else f"{term.name}*{term.weight:g}"
        for term in kept
        if term.weight != 0.0
    )


def write_unit(classes: Sequence[str], layer: str, unit: int) -> str:
    """Return a unit as a target names it: a class by its name, another as `layer/unit`."""
    if layer == OUTPUT_LAYER and unit < len(classes):
        return classes[unit]
    return f"{layer}/{unit}"


def parse_target(
    text: str, layers: Layers, classes: Sequence[str], on: Mapping[str, float]
) -> tuple[Term, ...]:
    """Read a target: `auto`, `Brass`, `17`, `output/Brass*0.7 + conv5/12*0.3`.

    Args:
        text: see above. A class is found in any case, whatever its layer is said to be.
        layers: of the model.
        classes: of the model.
        on: layer -> weight, for terms without layers.

    Raises:
        ModelError: a layer, unit or class that the model does not have.
        ParameterError: a weight that is not a finite number, or a part without a name.
    """
    words = _Words(layers, classes)
    # A class may have any name, also one that looks like a mix.
    written = (WrittenTerm(text),) if words.class_unit(text) is not None else split_target(text)
    return tuple(words.target_term(term, on) for term in written)


def parse_list(
    text: str, layers: Layers, classes: Sequence[str], layer: str | None = None
) -> tuple[Term, ...]:
    """Read a list of units: `3,7-9`, `all`, `output:Brass=1,conv5:12=0.5`, or a target's spelling.

    Args:
        text: see above. A class is found in any case, by as much of its beginning as is needed.
        layers: of the model.
        classes: of the model.
        layer: where terms without a layer lie; by default on `output`.

    Raises:
        ModelError: a layer, unit or class that the model does not have; the message lists the
            nearest.
        ParameterError: a weight that is not a finite number, or 0.
    """
    if layer is not None:
        check_layers({layer: None}, layers)
        if text.strip().lower() == ALL:
            return (Term("units", {layer: 1.0}, tuple(range(layers[layer].units)), 1.0, ALL),)
    words = _Words(layers, classes)
    return tuple(words.list_term(part, layer) for part in words.split_list(text))


class _Words:
    """The layers and classes of a network, among which a text chooses."""

    def __init__(self, layers: Layers, classes: Sequence[str]) -> None:
        self._layers, self._classes = layers, classes
        self._by_lower = {name.lower(): unit for unit, name in enumerate(classes)}
        joins = [len(_LIST_JOIN.findall(name)) for name in classes]
        self._most_joins = max(joins, default=0)

    def class_unit(self, name: str) -> int | None:
        """Return the unit of a class by its whole name."""
        return self._by_lower.get(name.lower())

    def target_term(self, term: WrittenTerm, on: Mapping[str, float]) -> Term:
        """Read a term of a target."""
        name, chosen = term.name, on
        before, slash, after = name.partition("/")
        if slash and self.class_unit(name) is None:
            chosen, name = parse_layers(before, self._layers), after.strip()
        unit = self.class_unit(name)
        if unit is not None:
            return Term("units", {OUTPUT_LAYER: 1.0}, (unit,), term.weight, term.name)
        if name in _WITHOUT_UNITS:
            return Term(_WITHOUT_UNITS[name], chosen, (), term.weight, term.name)
        if not name.isdecimal():
            layer, colon, unit_text = name.partition(":")
            if colon and layer in self._layers:
                raise ModelError(f"There is no target {name!r}: write {layer}/{unit_text.strip()}.")
            hint = nearest(name, [*_WITHOUT_UNITS, *self._classes])
            raise ModelError(f"There is no target {name!r}. {hint}")
        for layer in chosen:
            self._check_unit(layer, int(name))
        return Term("units", chosen, (int(name),), term.weight, term.name)

    def split_list(self, text: str) -> Iterator[str]:
        """Yield the terms of a list; signs within the names of classes do not split."""
        parts = _LIST_JOIN.split(f" {text} ")
        texts = [part.strip() for part in parts[::2]]
        joins = [", " if join == "," else " + " for join in parts[1::2]]
        while texts:
            count = self._terms_first_parts(texts, joins)
            yield _joined(texts, joins, count)
            del texts[:count], joins[:count]

    def list_term(self, text: str, layer: str | None) -> Term:
        """Read a term of a list; `layer` is where it lies unless it says so itself."""
        name, weight = self._weighed(text)
        place = self._placed(name, layer or OUTPUT_LAYER)
        if place is None and layer is None and name in self._layers and name not in self._classes:
            raise ModelError(f"Which unit of {name!r}? Write {name}/0, or {name} {ALL}.")
        chosen, what = place or ({layer or OUTPUT_LAYER: 1.0}, name)
        kind: Kind = "units"
        is_class = chosen.keys() == {OUTPUT_LAYER} and self._beginning(what) is not None
        if what.lower() == ALL and (place or layer) and not is_class:
            units: Sequence[int] = self._all(chosen, name)
        elif (numbers := self._numbers(chosen, what)) is not None:
            units = numbers
        elif chosen.keys() == {OUTPUT_LAYER} and (unit := self._beginning(what)) is not None:
            units = (unit,)
        elif what in _WITHOUT_UNITS:
            kind, units = _WITHOUT_UNITS[what], ()
        elif chosen.keys() == {OUTPUT_LAYER}:
            hint = nearest(what, (*self._classes, *self._layers))
            raise ModelError(f"There is no class {what!r}. {hint}")
        else:
            raise self._no_unit(next(iter(chosen)), repr(what))
        return Term(kind, chosen, tuple(units), weight, name)

    def _terms_first_parts(self, texts: Sequence[str], joins: Sequence[str]) -> int:
        """Return how many of the parts are the first term."""
        for count in range(min(len(texts), self._most_joins + 1), 1, -1):
            last = texts[count - 1]
            for end in (last, _split_weight(last)[0]):
                term = _joined([*texts[: count - 1], end], joins, count)
                starts = (at + 1 for at, sign in enumerate(texts[0]) if sign in ":/")
                names = (term, *(term[start:].strip() for start in starts))
                if any(self.class_unit(name) is not None for name in names):
                    return count
        for count, part in enumerate(texts, 1):  # layers before a slash have commas as well
            before, slash, _ = part.partition("/")
            items = [*texts[: count - 1], before]
            if slash and items[0].partition(":")[0] in self._layers and _are_layers(items):
                return count
            if slash or joins[count - 1 : count] != [", "]:
                break
        return 1

    def _weighed(self, text: str) -> tuple[str, float]:
        name, weight = _split_weight(text)
        if not weight or self._beginning(text) is not None:
            return text, 1.0
        number = _number(weight)
        if not math.isfinite(number) or number == 0.0:
            raise ParameterError(f"{text!r}: the weight {weight!r} must be a number other than 0.")
        return name, number

    def _placed(self, name: str, place: str) -> tuple[Mapping[str, float], str] | None:
        """Return layers and what lies there; None where no layer is written."""
        if place == OUTPUT_LAYER and self._beginning(name) is not None:
            return None
        before, slash, behind = (part.strip() for part in name.partition("/"))
        layer, colon, after = (part.strip() for part in name.partition(":"))
        is_class = self.class_unit(after) is not None
        if colon and (not slash or is_class or not _are_layers(before.split(","))):
            check_layers({layer: None}, self._layers)
            return {layer: 1.0}, after
        if not slash:
            return None
        chosen = parse_layers(before, self._layers)
        # As in a target, a class lies on `output` whatever stands before it.
        return ({OUTPUT_LAYER: 1.0} if self.class_unit(behind) is not None else chosen), behind

    def _beginning(self, word: str) -> int | None:
        """Return the unit of a class by its name, or by as much of it as only that class has."""
        unit = self.class_unit(word)
        if unit is not None or not word:
            return unit
        lower = word.lower()
        begins = [unit for name, unit in self._by_lower.items() if name.startswith(lower)]
        return begins[0] if len(begins) == 1 else None

    def _numbers(self, chosen: Iterable[str], word: str) -> range | None:
        """Return the units that a number or a range means, which each layer has."""
        first, dash, last = word.partition("-")
        first, last = (first, last) if dash else (word, word)
        if not all(end.isascii() and end.isdecimal() for end in (first, last)):
            return None
        for layer in chosen:  # before a range of billions is laid out
            self._check_unit(layer, int(first))
            self._check_unit(layer, int(last))
        if int(first) > int(last):
            raise ModelError(f"{word!r}: write the smaller unit first.")
        return range(int(first), int(last) + 1)

    def _all(self, chosen: Mapping[str, float], name: str) -> range:
        if len(chosen) > 1:
            raise ModelError(f"{name!r}: name one layer.")
        return range(self._layers[next(iter(chosen))].units)

    def _check_unit(self, layer: str, unit: int) -> None:
        if unit >= self._layers[layer].units:
            raise self._no_unit(layer, str(unit))

    def _no_unit(self, layer: str, what: str) -> ModelError:
        last = self._layers[layer].units - 1
        return ModelError(f"Layer {layer!r} has units 0 to {last}, not {what}.")


def _joined(texts: Sequence[str], joins: Sequence[str], count: int) -> str:
    """Return the first parts as one text."""
    return texts[0] + "".join(
        join + text for join, text in zip(joins, texts[1:count], strict=False)
    )


def _split_weight(text: str) -> tuple[str, str]:
    """Return a term of a list without its weight, and the weight; empty where there is none."""
    name, sign, weight = text.rpartition("=" if "=" in text else "*")
    return (name.strip(), weight.strip() or sign) if sign else (text, "")


def _written(part: str, text: str) -> WrittenTerm:
    name, star, weight = (piece.strip() for piece in part.rpartition("*"))
    if not star:
        name, weight = weight, "1"
    number = _number(weight)
    if not math.isfinite(number):
        raise ParameterError(f"target {name!r} has the weight {weight!r}: write a number.")
    if not name:
        raise ParameterError(
            f"target {text!r} has a part without a name: write it as Brass*0.7 + Strings*0.3."
        )
    return WrittenTerm(name, number)


def _are_layers(items: Iterable[str]) -> bool:
    """Whether each is a name, or a name and a number."""
    pairs = [item.partition(":") for item in items]
    return all(not colon or math.isfinite(_number(weight)) for _, colon, weight in pairs)


def _number(text: str) -> float:
    """Return the number that a text is, NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
