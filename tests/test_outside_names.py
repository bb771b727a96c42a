"""Files of the user's that are called like modules of the standard library, beside an installed tool's program.

Python itself puts the program's folder first on the path, so the program gets these files. crashguard never does.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import outside
from tests.servers import Server, eventually

pytestmark = pytest.mark.slow  # pip builds an environment first

_PLANTED = """
with open({record!r}, "a") as file: file.write(__name__ + chr(10))
raise ImportError("this is a file of the user's")
"""
_START = (
    'import crashguard\ncrashguard.install(app="shadowed", version="1.0", dsn={dsn!r}, delivery={how!r})\n'
)
_CRASH = "def read(row):\n    raise ValueError(f'cannot read row {row}')\nread(17)\n"
_OF_RUNPY = "import runpy, sys; print(*sys.modules)"
COMMANDS = [
    "status",
    "list",
    "show",
    "level",
    "issue --print",
    "send",
    "doctor --yes",
    "purge --yes",
    "scrub",
]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


class Folder:
    """A folder with a file for every name of the standard library, and a record of those that were run."""

    def __init__(self, path: Path, tool: outside.Tool) -> None:
        self.path = path
        self.tool = tool
        self.record = path / "record.txt"
        for name in sys.stdlib_module_names - {"__main__"}:
            (path / f"{name}.py").write_text(_PLANTED.format(record=str(self.record)))

    def run(self, program: str, *arguments: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
        """Run a program in the folder; (how it ended, the names of the files that were run since)."""
        self.record.write_text("")
        done = subprocess.run(
            [program, *arguments],
            cwd=self.path,
            env={"PATH": os.environ["PATH"], "HOME": str(self.tool.home), **self.tool.environment},
            capture_output=True,
            text=True,
            input="",
            timeout=60,
            check=False,
        )
        return done, self.ran

    @property
    def ran(self) -> set[str]:
        """The names of the files that were run."""
        return set(self.record.read_text().split())


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Folder:
    path = tmp_path / "program"
    path.mkdir()
    return Folder(path, outside.tool(home))


@pytest.mark.parametrize("how", ["background", "inline"])
def test_no_file_of_the_users_is_run_on_a_reports_way_to_the_server(
    how: str, folder: Folder, server: Server
) -> None:
    """The start, the dying process and whoever sends for it run none, and the report arrives whole."""
    python = str(folder.tool.bin / "python")
    (folder.path / "bare_program.py").write_text(_CRASH)
    (folder.path / "program.py").write_text(_START.format(dsn=server.dsn, how=how) + _CRASH)
    _, by_itself = folder.run(python, "bare_program.py")
    done, _ = folder.run(python, "program.py")
    eventually(lambda: len(server.events) == 1, lambda: (done.stderr, folder.ran, folder.tool.files))

    assert folder.ran <= by_itself
    [event] = server.events
    assert event["contexts"]["crashguard"].get("complete") is not False
    assert "read" == event["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"]


GOES_ON = """
try:
    read(17)
except ValueError as error:
    crashguard.capture_exception(error)
"""


@pytest.mark.parametrize("end", ["crashguard.flush(20)", "pass"], ids=["flush", "end"])
def test_no_file_of_the_users_is_run_where_a_program_sends_while_it_lives(
    end: str, folder: Folder, server: Server
) -> None:
    """Where a thread would import such files, an uploader without that folder sends in its place."""
    python = str(folder.tool.bin / "python")
    crash = _CRASH.replace("read(17)\n", "")
    (folder.path / "bare_program.py").write_text(crash)
    for name in ("_contextvars", "_sha2", "_sha256"):  # no file of a user's is called so
        (folder.path / f"{name}.py").unlink(missing_ok=True)
    program = _START.format(dsn=server.dsn, how="inline") + crash + GOES_ON + end + "\n"
    (folder.path / "program.py").write_text(program)
    _, by_itself = folder.run(python, "bare_program.py")
    done, _ = folder.run(python, "program.py")
    eventually(lambda: len(server.events) == 1, lambda: (done.stderr, folder.ran, folder.tool.files))

    assert folder.ran <= by_itself
    assert done.returncode == 0, done.stderr


def test_no_file_of_the_users_is_run_by_the_command(folder: Folder) -> None:
    """Whoever stands in such a folder can look at a report, send it and delete it."""
    (folder.path / "program.py").write_text(_START.format(dsn=None, how="deferred") + _CRASH)
    folder.run(str(folder.tool.bin / "python"), "program.py")
    assert folder.tool.files

    for command in COMMANDS:
        done, ran = folder.run(str(folder.tool.bin / "crashguard"), *command.split())
        assert (set(), "Traceback" in done.stderr) == (ran, False), (command, done.stderr)
    python = str(folder.tool.bin / "python")
    by_python = subprocess.run([python, "-c", _OF_RUNPY], capture_output=True, text=True, check=True).stdout
    for name in by_python.split():  # what `python -m` runs before it comes to us
        (folder.path / f"{name}.py").unlink(missing_ok=True)
    for option in ([], ["-P"]):
        done, ran = folder.run(python, *option, "-m", "crashguard", "list")
        assert (0, set()) == (done.returncode, ran), done.stderr
