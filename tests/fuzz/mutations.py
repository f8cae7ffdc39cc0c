"""Makes hostile input of valid input: of bytes, JSON, lines, TOML, protocol buffers and archives.

Every function takes the source of all choices, a `random.Random`, so that the same seed gives the
same input, and Hypothesis can choose instead.
"""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

Mutate = Callable[[bytes, Random], bytes]
"""Changes valid input a little; whatever it is given, it returns something."""

LONGEST = 1 << 20
_NUMBERS = (0, 1, 2, 7, 64, 127, 128, 255, 256, 1024, 32_767, 65_535, 65_536, 1 << 20)
_LARGE = (2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1)
_DEEP, _HUGE = "@deep@", "@huge@"
_TEXTS: Sequence[str] = (
    "",
    "0",
    "../../../../tmp/outside",
    "/etc/passwd",
    "//host/share",
    "C:\\windows",
    "a\0b",
    "\ud800",
    "\x1b[31m",
    "two\nlines",
    "a" * 300,
    "a/" * 3000,
    "1" * 5000,
    "%s%n",
    "output/Brass*1e999 + 7",
    "nan",
    "'; DROP TABLE items; --",
)
_VALUES: Sequence[Any] = (
    None,
    True,
    False,
    -1,
    1e308,
    -0.0,
    float("nan"),
    float("inf"),
    10**30,
    [],
    {},
    [[]],
    [0] * 1000,
    {"__class__": 1},
    _DEEP,
    _HUGE,
    *_NUMBERS,
    *_LARGE,
    *_TEXTS,
)


def mutate_bytes(data: bytes, random: Random) -> bytes:
    """Change, insert, repeat, exchange or leave out some bytes."""
    changed = bytearray(data[:LONGEST])
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(changed) + 1)
        end = min(len(changed), at + random.choice((1, 2, 4, 8, 16, 64, 512)))
        match random.randrange(8):
            case 0 if at < len(changed):
                changed[at] ^= 1 << random.randrange(8)
            case 1:
                changed[at : at + 1] = bytes([random.randrange(256)])
            case 2:
                size = random.choice((1, 2, 4, 8))
                number = random.choice((*_NUMBERS, *_LARGE)) % (1 << (8 * size))
                order = random.choice(("little", "big"))
                changed[at : at + size] = number.to_bytes(size, order)
            case 3:
                del changed[at:end]
            case 4:
                changed[at:at] = changed[at:end] * random.choice((1, 2, 100))
            case 5:
                changed[at:at] = bytes(random.randrange(256) for _ in range(random.randint(1, 16)))
            case 6:
                del changed[at:]
            case 7:
                there = random.randrange(len(changed) + 1)
                changed[there : there + end - at] = changed[at:end]
    return bytes(changed)


def mutate_text(words: Sequence[str]) -> Mutate:
    """Return a mutation of text that also puts words of its language in."""

    def mutate(data: bytes, random: Random) -> bytes:
        if random.random() < 0.4:
            return mutate_bytes(data, random)
        text = data.decode("utf-8", "replace")
        for _ in range(random.randint(1, 3)):
            at = random.randrange(len(text) + 1)
            end = min(len(text), at + random.choice((0, 0, 1, 4, 10)))
            text = text[:at] + random.choice((*words, *_TEXTS)) + text[end:]
        return text.encode("utf-8", "surrogatepass")

    return mutate


def mutate_json(data: bytes, random: Random) -> bytes:
    """Put other values into JSON data, or change its text."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return mutate_bytes(data, random)
    if random.random() < 0.2:
        return mutate_bytes(data, random)
    for _ in range(random.randint(1, 3)):
        tree = _changed(tree, random)
    text = json.dumps(tree)
    text = text.replace(f'"{_DEEP}"', "[" * 100_000 + "]" * random.choice((0, 100_000)))
    return text.replace(f'"{_HUGE}"', "9" * random.choice((400, 5000))).encode()


def _changed(tree: Any, random: Random) -> Any:
    """Return JSON data with one node, at any depth, replaced, left out, repeated or renamed."""
    if isinstance(tree, dict) and tree and random.random() < 0.85:
        return _changed_object(tree, random.choice(sorted(tree)), random)
    if isinstance(tree, list) and tree and random.random() < 0.85:
        return _changed_list(tree, random.randrange(len(tree)), random)
    return random.choice(_VALUES)


def _changed_object(tree: dict[str, Any], key: str, random: Random) -> dict[str, Any]:
    match random.randrange(8):
        case 0:
            return {name: value for name, value in tree.items() if name != key}
        case 1:
            return {random.choice(_TEXTS) if name == key else name: tree[name] for name in tree}
        case 2:
            return tree | {key: random.choice(list(tree.values()))}
    return tree | {key: _changed(tree[key], random)}


def _changed_list(tree: list[Any], at: int, random: Random) -> list[Any]:
    match random.randrange(6):
        case 0:
            return tree[:at] + tree[at + 1 :]
        case 1:
            return tree[:at] + [tree[at]] * random.choice((2, 70)) + tree[at + 1 :]
    return [*tree[:at], _changed(tree[at], random), *tree[at + 1 :]]


def mutate_lines(of_line: Mutate) -> Mutate:
    """Return a mutation of lines: they are changed, repeated, exchanged or left out."""

    def mutate(data: bytes, random: Random) -> bytes:
        lines = data.split(b"\n")
        for _ in range(random.randint(1, 3)):
            at = random.randrange(len(lines))
            match random.randrange(6):
                case 0:
                    del lines[at]
                case 1:
                    lines.insert(random.randrange(len(lines) + 1), lines[at])
                case 2:
                    there = random.randrange(len(lines))
                    lines[at], lines[there] = lines[there], lines[at]
                case _:
                    lines[at] = of_line(lines[at], random)
            lines = lines or [b""]
        return b"\n".join(lines)

    return mutate


def mutate_protobuf(data: bytes, random: Random) -> bytes:
    """Change one field of a protocol buffer, at any depth, with all lengths around it put right."""
    fields = _fields(data)
    if not fields or random.random() < 0.15:
        return mutate_bytes(data, random)
    at = random.randrange(len(fields))
    number, kind, value = fields[at]
    match random.randrange(8):
        case 0:
            del fields[at]
        case 1:
            fields.insert(random.randrange(len(fields) + 1), fields[at])
        case 2:
            fields[at] = (random.randint(1, 31), kind, value)
        case _ if isinstance(value, int):
            fields[at] = (number, kind, random.choice((*_NUMBERS, *_LARGE)) % 2**64)
        case _ if _fields(value):
            fields[at] = (number, kind, mutate_protobuf(value, random))
        case _:
            fields[at] = (number, kind, mutate_bytes(value, random))
    return b"".join(_field(*each) for each in fields)


def _fields(data: bytes) -> list[tuple[int, int, Any]]:
    """Return the fields of a message: number, wire type, and a number or bytes; [] for none."""
    fields: list[tuple[int, int, Any]] = []
    at = 0
    try:
        while at < len(data):
            key, at = _varint(data, at)
            number, kind = key >> 3, key & 7
            if kind == 0:
                value, at = _varint(data, at)
                fields.append((number, kind, value))
                continue
            if kind == 2:
                size, at = _varint(data, at)
            else:
                size = {1: 8, 5: 4}[kind]
            if at + size > len(data) or not number:
                return []
            fields.append((number, kind, data[at : at + size]))
            at += size
    except (IndexError, KeyError):
        return []
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def _field(number: int, kind: int, value: Any) -> bytes:
    key = _as_varint(number << 3 | kind)
    if kind == 0:
        return key + _as_varint(value)
    return key + (_as_varint(len(value)) if kind == 2 else b"") + value


def _as_varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def mutate_archive(data: bytes, random: Random) -> bytes:
    """Change what is inside a ZIP archive, such as `.npz`, or the archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # it was changed before, in any way
        return mutate_bytes(data, random)
    is_bomb = sum(map(len, members.values())) > LONGEST  # packing it anew would take long
    if not members or is_bomb or random.random() < 0.3:
        return mutate_bytes(data, random)
    name = random.choice(sorted(members))
    match random.randrange(5):
        case 0:
            members[random.choice(("../outside.npy", "/outside.npy", "x", ""))] = members.pop(name)
        case 1:
            members[name + "2"] = members[name]
        case 2:  # the header of an array is text
            head, rest = members[name][:118], members[name][118:]
            members[name] = mutate_text(_NUMPY_WORDS)(head, random) + rest
        case _:
            members[name] = mutate_bytes(members[name], random)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", random.choice((0, 8, 12, 14))) as archive:
        for each, content in members.items():
            archive.writestr(each or "x", content)
    return packed.getvalue()


_NUMPY_WORDS = ("|O", "<f8", "<f4", "(4294967296,)", "(-1,)", "(1, 2, 3)", "True", "<U9999999", "{")
