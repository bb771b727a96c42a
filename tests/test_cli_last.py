"""A command without an ID takes the report that the note named."""

import re
import subprocess
import sys

import pytest

from tests.conftest import Run

_INSTALL = """
import crashguard
crashguard.install(app="demo", version="1.2.3", issue_url="https://github.com/acme/demo")
"""

_TASKS = (
    _INSTALL
    + """
import asyncio

async def load():
    raise ValueError("of load")

async def save():
    raise KeyError("of save")

async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(load())
        group.create_task(save())

asyncio.run(main())
"""
)

_GROUP = (
    _INSTALL
    + """
def fail(kind):
    try:
        raise kind("lost")
    except kind as error:
        return error

kinds = ValueError, KeyError, OSError, TypeError, IndexError, EOFError, NameError, RuntimeError
raise ExceptionGroup("all of them", [fail(kind) for kind in kinds])
"""
)


def crashguard(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "crashguard", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("program", [_TASKS, _GROUP], ids=["tasks", "many"])
def test_of_the_reports_of_one_crash_it_is_that_of_the_whole(run: Run, program: str) -> None:
    """A group has a report for each bug in it, and one note."""
    done = run(program)
    assert len(done.files()) > 1
    [known] = re.findall(r"See it: \S+ show ([0-9a-f]{8})", done.stderr)

    assert f" show {known} --json" in crashguard("show")
    assert known in crashguard("issue")
    assert known in crashguard("comment", "Seen by a person.", "--yes")
    assert crashguard("list").splitlines()[1].startswith(known)
