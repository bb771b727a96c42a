"""What lies where our files should be and is none of ours holds nobody and stops nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Run

CRASH = """\
import crashguard
crashguard.install(app="demo", version="1.0", dsn="http://key@127.0.0.1:9/1")
1 / 0
"""
REPORT = f"1763900000000-deadbeef-{'ab' * 16}.envelope"
PLACES = [
    *(f".local/state/crashguard/demo/{name}" for name in ("journal", "about", "lock", "patience", "resumed")),
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
        done = run(
            f"import sys; sys.argv[1:] = {command.split()!r}\nfrom crashguard.__main__ import main\nmain()"
        )
        assert "Traceback" not in done.stderr, command
