"""From what callers write to a network: a pack, several, their names, or their folders."""

from collections.abc import Sequence
from pathlib import Path

from ..errors import ModelError, ParameterError
from ..files import names_folder
from .manifest import MANIFEST_FILE
from .network import PackLike
from .network_set import Member, NetworkSet
from .pack import Pack, available_packs, load_pack
from .weighted_names import split_weighted, weight_of, write_weighted

OnePack = PackLike | str | Path
PackOrName = OnePack | Sequence[OnePack]


def load(name_or_folder: str | Path, threads: int = 1, device: str = "cpu") -> Pack | NetworkSet:
    """Load a pack by its name, or from a folder; or several, which dream together.

    Args:
        name_or_folder: of a shipped pack, of one that the user added, or a path. Several are
            separated by commas, each with a weight of its gradient after a colon where it is not
            1: `samplecnn-instruments,stftcnn-instruments:0.5`; see `NetworkSet`.
        threads: that one ONNX operator may use.
        device: "cpu", "cuda" for the first NVIDIA graphics card, "cuda:1" for the second, or "auto"
            for the first where it works.

    Raises:
        ModelError: where there is no such pack, the message lists the most likely names; or the
            networks do not go together.
        ParameterError: where the device does not work here, or a weight is no number.

    Examples:
        >>> import innerear
        >>> pack = innerear.load("samplecnn-digits")
        >>> pack.sample_rate, list(pack.layers)[-1], pack.classes[0]
        (16000, 'output', 'zero')
        >>> both = innerear.load("samplecnn-instruments,crnn-instruments:0.5")
        >>> [member.weight for member in both.members]
        [1.0, 0.5]
    """
    text = str(name_or_folder)
    if isinstance(name_or_folder, Path) or "," not in text or names_folder(text):
        return load_pack(name_or_folder, threads, device)
    written = [(name, weight_of("model", name, weight)) for name, weight in split_weighted(text)]
    if not all(name for name, _ in written):
        raise ModelError(f"model {text!r} has a part without a name: write it as a,b or a,b:0.5.")
    members = [Member(load_pack(name, threads, device), weight) for name, weight in written]
    return NetworkSet(members, write_weighted(written))


def resolve_pack(pack: PackOrName) -> PackLike:
    """Return the network that a caller means.

    Args:
        pack: a pack, or a `TorchPack`; the name of a shipped pack or of one that the user added;
            a pack's folder; several of these, as a list or as `load` reads them.

    Raises:
        ModelError: there is no such pack, or several do not go together.
    """
    if isinstance(pack, str | Path):
        return load(pack)
    if isinstance(pack, Sequence):
        packs = [resolve_pack(each) for each in pack]
        if len(packs) == 1:
            return packs[0]
        if any(isinstance(each, NetworkSet) for each in packs):
            raise ModelError("A set of networks is made of single ones: name each by itself.")
        members = [Member(each) for each in packs]
        return NetworkSet(members, ",".join(model_of(each) for each in packs))
    return pack


def members_of(pack: PackLike) -> tuple[PackLike, ...]:
    """Return the single networks that a network is made of: of one pack, itself."""
    if isinstance(pack, NetworkSet):
        return tuple(member.network for member in pack.members)
    return (pack,)


def is_named(model: str, pack: PackLike) -> bool:
    """Return whether a value of the parameter `model` stands for a network."""
    if isinstance(pack, NetworkSet):
        written = list(split_weighted(model))
        return len(written) == len(pack.members) and all(
            is_named(name, member.network) and _is_number(weight, member.weight)
            for (name, weight), member in zip(written, pack.members, strict=True)
        )
    if not isinstance(pack, Pack) or not (pack.folder / MANIFEST_FILE).is_file():
        return model == pack.name
    folder = available_packs().get(model, Path(model))
    return folder.is_dir() and folder.samefile(pack.folder)


def model_of(pack: PackLike) -> str:
    """Return a network's value of the parameter `model`: its name, or its folder where need be."""
    if isinstance(pack, NetworkSet):
        return write_weighted((model_of(m.network), m.weight) for m in pack.members)
    if not isinstance(pack, Pack) or is_named(pack.name, pack):  # a torch module is in no folder
        return pack.name
    return str(pack.folder)


def _is_number(text: str, number: float) -> bool:
    try:
        return weight_of("model", "", text) == number
    except ParameterError:
        return False
