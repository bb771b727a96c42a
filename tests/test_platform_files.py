"""What Windows and macOS ask of the module that opens files, with a fake of what those systems do."""

import fcntl
import os
import sys
from pathlib import Path

import pytest

from crashguard import files
from crashguard.transport import spawn


@pytest.mark.parametrize("held", [1, 4])
def test_a_file_that_a_scanner_holds_is_tried_again(
    held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sharing violation that passes is none; the file has its content and nothing is left over."""
    refusals = iter([True] * held)
    replace = os.replace

    def scanned(source: str, target: str) -> None:
        if next(refusals, False):
            raise PermissionError(13, "The process cannot access the file")
        replace(source, target)

    monkeypatch.setattr(files, "_TRIES", 5)
    monkeypatch.setattr(files.system, "replace", scanned)
    (tmp_path / "spool").mkdir()
    files.write(str(tmp_path / "spool/report"), b"whole", durable=True)

    assert ["report"] == os.listdir(tmp_path / "spool")
    assert b"whole" == (tmp_path / "spool/report").read_bytes()


def test_a_file_that_stays_held_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last try the error goes on, and the file of before is unchanged."""
    (tmp_path / "report").write_bytes(b"before")

    def refuse(source: str, target: str) -> None:
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(files, "_TRIES", 2)
    monkeypatch.setattr(files.system, "replace", refuse)
    with pytest.raises(PermissionError):
        files.write(str(tmp_path / "report"), b"after", durable=False)

    assert b"before" == (tmp_path / "report").read_bytes()


@pytest.mark.parametrize("refuses", [False, True])
def test_a_mac_is_asked_to_empty_the_memory_of_its_disk(
    refuses: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsync() alone leaves a file in there; where a network disk refuses, fsync() is what there is."""
    asked: list[str] = []

    def control(descriptor: int, command: int) -> None:
        asked.append(f"fcntl {command}")
        if refuses:
            raise OSError(45, "Operation not supported")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", control)
    monkeypatch.setattr(files.system, "fsync", lambda descriptor: asked.append("fsync"))
    files.write(str(tmp_path / "report"), b"whole", durable=True)

    assert asked == (["fcntl 51", "fsync"] if refuses else ["fcntl 51"])


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("python", True),
        ("python3", True),
        ("python3.13", True),
        ("python3.13t", True),
        ("python3.11-dbg", True),
        ("pythonw.exe", True),
        ("python_d.exe", True),
        ("Python", True),
        ("pypy3.11", True),
        ("pythonservice.exe", False),
        ("PythonEditor.exe", False),
        ("pythonista", False),
        ("mytool.exe", False),
    ],
)
def test_an_interpreter_is_known_by_its_whole_name(name: str, is_one: bool) -> None:
    """A service of pywin32 runs in pythonservice.exe: to start that again would start no uploader."""
    assert is_one == spawn._is_python(f"/somewhere/{name}")
