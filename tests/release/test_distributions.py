"""What is built does not tell of the builder: folder, clock, umask; and holds what it must."""

import io
import tarfile
import zipfile

import pytest


def _wheel(names: list[str], date: tuple[int, int, int, int, int, int], mode: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            member = zipfile.ZipInfo(name, date)
            member.external_attr = (0o100000 | mode) << 16
            archive.writestr(member, b"content of " + name.encode())
    return made.getvalue()


def _sdist(names: list[str], date: int, mode: int, owner: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(name), date, mode
            member.uname, member.uid = owner, len(owner)
            archive.addfile(member, io.BytesIO(name.encode()))
    return made.getvalue()


def test_wheels_of_two_builders_are_the_same() -> None:
    from distributions import normalise_wheel

    names = ["a/b.py", "a/a.py", "a-1.dist-info/RECORD"]
    one = normalise_wheel(_wheel(names, (2026, 1, 2, 3, 4, 6), 0o664), 1_700_000_000)
    other = normalise_wheel(_wheel(names[::-1], (1999, 1, 1, 1, 1, 2), 0o600), 1_700_000_000)
    assert one == other
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert archive.namelist() == ["a/a.py", "a/b.py", "a-1.dist-info/RECORD"]
        assert archive.read("a/b.py") == b"content of a/b.py"
        assert {member.external_attr >> 16 for member in archive.infolist()} == {0o100644}
        assert archive.infolist()[0].date_time == (2023, 11, 14, 22, 13, 20)


def test_a_program_stays_one() -> None:
    from distributions import normalise_wheel

    made = normalise_wheel(_wheel(["a/run"], (2026, 1, 1, 0, 0, 0), 0o700), 1_700_000_000)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.infolist()[0].external_attr >> 16 == 0o100755


def test_sdists_of_two_builders_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributions import normalise_sdist

    one = normalise_sdist(_sdist(["p/b", "p/a"], 10, 0o664, "me"), 1_700_000_000)
    monkeypatch.setattr("time.time", lambda: 1.0)
    other = normalise_sdist(_sdist(["p/a", "p/b"], 99, 0o600, "someone"), 1_700_000_000)
    assert one == other
    with tarfile.open(fileobj=io.BytesIO(one)) as archive:
        assert [(each.name, each.mtime, each.mode, each.uname) for each in archive] == [
            ("p/a", 1_700_000_000, 0o644, ""),
            ("p/b", 1_700_000_000, 0o644, ""),
        ]
        file = archive.extractfile("p/b")
        assert file is not None
        assert file.read() == b"p/b"


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"innerear/a.py": 1, "innerear/tests/b.py": 1}, "innerear/tests/ must not be"),
        ({"innerear/a.py": 5_000_000}, "more than"),
        ({"innerear/b.py": 1}, "innerear/a.py is missing"),
        ({"innerear/a.py": 1, "gui/b.py": 1}, "no file of ours"),
    ],
)
def test_a_wheel_with_other_files_is_refused(members: dict[str, int], problem: str) -> None:
    from distributions import DistributionError, check_wheel

    check_wheel({"innerear/a.py": 1}, ["innerear/a.py"], ["innerear/tests/"])
    with pytest.raises(DistributionError, match=problem):
        check_wheel(members, ["innerear/a.py"], ["innerear/tests/"])


def test_the_umask_is_not_told() -> None:
    from distributions import normal_mode

    assert {normal_mode(mode) for mode in (0o600, 0o664, 0o644)} == {0o644}
    assert {normal_mode(mode) for mode in (0o700, 0o775)} == {0o755}
