"""`crashguard level none` from outside: what waits is gone, whatever comes later, and every user of a home can see it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, Run
from tests.servers import Server

TOOL = "import crashguard, ctypes\ncrashguard.install(app='demo', version='1.0', dsn={dsn!r}, delivery='inline')\n"


def level(home: Path, value: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "crashguard", "level", value],
        env={"HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        umask=0o022,
    )
    return done.stdout


def test_a_native_crash_before_a_no_is_not_sent_after_a_later_yes(run: Run, home: Path) -> None:
    """A segmentation fault waits for the next run; `level none` deletes it, `level all` does not bring it back."""
    with Server() as server:
        assert -11 == run(TOOL.format(dsn=server.dsn) + "ctypes.string_at(0)\n").status
        level(home, "none")
        level(home, "all")
        done = run(TOOL.format(dsn=server.dsn) + "crashguard.flush(10)\n")

        assert (0, {}) == (done.status, server.stored)
    assert [] == done.files()


def test_a_saved_no_does_not_close_the_folder_above_it(home: Path) -> None:
    """`~/.config` is that of all programs; who runs an image under another uid must be able to see the no in it."""
    level(home, "none")

    assert 0o755 == (home / ".config").stat().st_mode & 0o777
    assert 0o700 == (home / ".config/crashguard").stat().st_mode & 0o777
