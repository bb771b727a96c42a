"""After a native crash the command knows of the tool what it knows after any other: its tracker, its variable."""

import os
import subprocess
import sys

from tests.conftest import Run
from tests.servers import Server

_PROGRAM = """
import crashguard, ctypes
crashguard.install(app="demo", version="1.2.3"{more})
ctypes.string_at(0)
"""


def crashguard(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crashguard", *arguments],
        env={**os.environ, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_issue_goes_to_the_tools_tracker(run: Run) -> None:
    """Though no process of the tool has lived to write its address beside the report."""
    run(_PROGRAM.format(more=", issue_url='https://github.com/acme/demo'"))
    told = crashguard("issue", "--app", "demo")

    assert (told.returncode, told.stderr) == (0, "")
    assert "https://github.com/acme/demo/issues/new?title=SIGSEGV" in told.stdout


def test_the_tracker_is_that_of_the_version_that_crashed_last(run: Run) -> None:
    """One without a tracker takes back the address of an earlier one."""
    run(_PROGRAM.format(more=", issue_url='https://github.com/acme/demo'"))
    assert crashguard("issue").returncode == 0
    run(_PROGRAM.format(more=""))

    assert "names no issue tracker" in crashguard("issue").stderr


def test_a_no_in_the_tools_own_variable_counts(run: Run) -> None:
    """`send` under it sends nothing, though nothing but the native crash tells how the variable is called."""
    with Server() as server:
        run(_PROGRAM.format(more=f", env_var='ACME_REPORTS', dsn={server.dsn!r}, delivery='deferred'"))
        crashguard("send", ACME_REPORTS="none")

        assert [] == server.posted
