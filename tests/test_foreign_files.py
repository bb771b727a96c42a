"""What lies where our files should be and is none of ours holds nobody and stops nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crashguard.transport import hold
from tests.conftest import Run

CRASH = """\
import crashguard
crashguard.install(app="demo", version="1.0", dsn="http://key@127.0.0.1:9/1")
1 / 0
"""
REPORT = f"1763900000000-deadbeef-{'ab' * 16}.envelope"
PLACES = [
    *(f".local/state/crashguard/demo/{name}" for name in ("journal", "about", "lock", "backoff", "resumed")),
    *(
        f".local/state/crashguard/demo/{state}/{REPORT}"
        for state in ("recording", "waiting", "local", "sent")
    ),
    *(
        f".local/state/crashguard/demo/runs/{name}"
        for name in ("1763900000000-999999.run", "1763900000000-999999.native", "last")
    ),
    ".config/crashguard/demo/telemetry-level",
]


def pipe(path: Path) -> None:
    """Opening it waits for somebody at the other end."""
    os.mkfifo(path)


def endless(path: Path) -> None:
    """Reading it comes to no end."""
    path.symlink_to("/dev/zero")


def command_of(run: Run, command: str) -> str:
    """What a command of ours says on stderr."""
    program = f"import sys; sys.argv[1:] = {command.split()!r}\nfrom crashguard.__main__ import main\nmain()"
    return run(program).stderr


@pytest.mark.slow
@pytest.mark.parametrize("make", [pipe, endless])
@pytest.mark.parametrize("of_a_file", [True, False], ids=["with-choice", "without"])
def test_pipes_and_devices_in_our_place(
    make: Callable[[Path], None], of_a_file: bool, home: Path, run: Run
) -> None:
    """A crash, and each command after it, ends as it should."""
    for place in PLACES[: None if of_a_file else -1]:
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        make(home / place)

    assert 1 == run(CRASH).status
    for command in ("status", "list", "show", "doctor", "send", "purge --yes"):
        assert "Traceback" not in command_of(run, command), command


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "content"),
    [
        (f"runs/1-{'9' * 30}.run", ""),
        (f"runs/{'9' * 40}-{'9' * 30}.native", "{}\nx"),
        (f"waiting/{'9' * 100}-deadbeef-{'ab' * 16}.envelope", ""),
        (f"recording/1763900000000-{'ab' * 16}-{'9' * 40}.envelope", ""),
        ("journal", f"{'9' * 5000} sent x y\n² sent x y\n"),
    ],
    ids=lambda value: value[:20],
)
def test_numbers_that_are_none(place: str, content: str, home: Path, run: Run) -> None:
    """What looks like a number, and is none that a pid or a time could be, breaks no start and no command."""
    path = home / ".local/state/crashguard/demo" / place
    path.parent.mkdir(parents=True)
    path.write_text(content)

    done = run(CRASH)
    assert (1, 1) == (done.status, done.stderr.count("Traceback"))
    assert "ZeroDivisionError" in done.stderr
    for command in ("status", "list", "send"):
        assert "Traceback" not in command_of(run, command)


@pytest.mark.parametrize("make", [pipe, Path.mkdir])
def test_what_lies_in_the_place_of_the_minutes_mark_holds_nothing(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    """Its date is of no minute of ours."""
    make(tmp_path / "first-report")
    assert not hold.is_held(str(tmp_path))
