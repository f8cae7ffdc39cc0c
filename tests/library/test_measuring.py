"""What measures dreams is loaded once."""

from pathlib import Path

from innerear.library.measuring import network


def test_a_network_is_loaded_once_however_it_is_asked_for(toy_pack: Path) -> None:
    assert network(str(toy_pack)) is network(str(toy_pack), "cpu")
    assert network(str(toy_pack)) is network(model=str(toy_pack), device="cpu")
