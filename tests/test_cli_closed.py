"""The command where who started it has closed stdin, stdout or stderr, as a scheduler does or `>&-` of a shell."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run

CRASH = (
    "import crashguard\ncrashguard.install(app='demo', version='1', note=False)\nraise ValueError('lost')\n"
)


def ended(home: Path, line: str, closed: str) -> tuple[int, str]:
    """The status of the command, and what it says in its streams that are open."""
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m crashguard {line} {closed}"],
        env={"HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("line", ["list", "show", "show --json", "show --html", "status --json", "demo"])
def test_without_stdout_nothing_fails(run: Run, home: Path, line: str) -> None:
    """Nobody reads it: that is no error."""
    run(CRASH)

    status, said = ended(home, line, ">&-")

    assert status == 0, said
    assert ("Traceback" in said) == (line == "demo")  # the demo's own


@pytest.mark.parametrize(
    ("line", "status", "expected"),
    [
        ("purge", 2, "give --yes"),
        ("comment", 2, "give a text"),
        ("comment 'I was tired'", 2, "give --yes"),
        ("comment ''", 2, "give a text"),
    ],
)
def test_without_stdin_nobody_is_asked(run: Run, home: Path, line: str, status: int, expected: str) -> None:
    """It is as if stdin were empty: the command says what to give in the place of an answer."""
    run(CRASH)

    found, said = ended(home, line, "<&-")

    assert found == status, said
    assert expected in said
    assert "Traceback" not in said


TOOL = """
import argparse
import crashguard
from crashguard.integrations.argparse import add_telemetry_commands

crashguard.install(app="demo", version="1", note=False)
parser = argparse.ArgumentParser()
add_telemetry_commands(parser.add_subparsers(), app="demo")
parser.parse_args()
"""


@pytest.mark.parametrize("line", ["purge", "comment"])
def test_a_terminal_that_is_closed_ends_the_command(run: Run, home: Path, line: str) -> None:
    """While it asks, say: as by a no, and it is no crash of the tool whose command it is."""
    run(CRASH)
    parent, child = pty.openpty()
    script = home / "tool.py"
    script.write_text(TOOL)
    asking = subprocess.Popen(
        [sys.executable, script, "telemetry", line],
        env={"HOME": str(home), "PYTHONPATH": str(ROOT)},
        stdin=child,
        stdout=child,
        stderr=child,
    )
    os.close(child)
    asked = b""
    while not asked.rstrip().endswith(b":"):
        asked += os.read(parent, 4096)
    os.close(parent)

    assert asking.wait(60) == 1
    assert len(list(home.rglob("*.envelope"))) == 1


def test_without_stderr_the_status_still_tells(run: Run, home: Path) -> None:
    """An error that nobody can read has its exit status, and leaves stdout clean."""
    assert ended(home, "show ffffffff", "2>&-") == (1, "")
