"""Wherever a process lives and however it dies: who sends its crash, and whether the note says so.

The programs run in an environment into which pip has installed the wheel.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashguard.transport import place
from tests import namespaces, outside, uploaders
from tests.conftest import ROOT
from tests.programs.situations import AT_ONCE, ITSELF, SITUATIONS, UPLOADER, Situation, page
from tests.servers import Server, eventually

PAGE = (ROOT / "docs" / "delivery.md").read_text()
TOOL = (
    "{before}\nimport crashguard\n"
    "from crashguard import transport\ntransport.INLINE_SECONDS = 30.0\n"  # the machine may be busy
    "crashguard.install(app='demo', version='1.0', dsn={dsn!r})\n{body}"
)
# Where nobody may make a namespace (a container without privileges), the program is told what the kernel would say.
TOLD_BY_US = "from crashguard.transport import place\nplace._why_not_on_linux = lambda: {reason!r}\n"
STAGED = [row for row in SITUATIONS if row.facts is None]
TOLD = [row for row in SITUATIONS if row.facts is not None]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def start(row: Situation, server: Server, home: Path, tmp_path: Path) -> "subprocess.Popen[str]":
    """Start the tool where the row says, whatever the place is in which the tests run."""
    if row.within is not None:
        around, told = namespaces.entering(*row.within), place.CONTAINER
    else:
        around, told = namespaces.on_a_machine(), None
    first, before = (*around, *row.start), row.before
    if not around and (row.within is not None or not namespaces.is_machine()):
        before = TOLD_BY_US.format(reason=told) + before
    program = tmp_path / "program.py"
    program.write_text(TOOL.format(before=before, dsn=server.dsn, body=row.body))
    tool = [str(outside.tool(home).bin / "python"), str(program)]
    command = [*first, *tool]
    if "{tool}" in "".join(row.start):
        command = [*first[:-1], first[-1].replace("{tool}", " ".join(tool))]
    return subprocess.Popen(
        command,
        env={
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            **row.environment,
        },
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the rows are staged with what Linux has")
@pytest.mark.parametrize("row", [row for row in STAGED if row.when != AT_ONCE], ids=lambda row: row.name)
def test_the_report_arrives_and_the_note_says_when(
    row: Situation, server: Server, home: Path, tmp_path: Path
) -> None:
    """The one who is said to send does, in each place; what the process itself sends has arrived when it is gone."""
    process = start(row, server, home, tmp_path)
    stdout, stderr = process.communicate(timeout=120)

    assert "told of a child" not in stdout
    if row.who == ITSELF:
        assert 1 == len(server.stored), stderr
        # The program goes on after a callback, so there is no note.
        assert "now, or by the next run" in stderr or row.name == "atexit callback"
    else:
        assert UPLOADER == row.who
        eventually(lambda: server.stored, lambda: stderr)
        assert "It is sent to 127.0.0.1" in stderr
        assert "by the next run" not in stderr
    uploaders.gone(home / ".local/state/crashguard/demo")
    assert 1 == len(server.posted)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the rows are staged with what Linux has")
@pytest.mark.parametrize("row", [row for row in STAGED if row.when == AT_ONCE], ids=lambda row: row.name)
def test_a_program_that_goes_on_sends_at_once(
    row: Situation, server: Server, home: Path, tmp_path: Path
) -> None:
    """It has sent while it lives, so that the SIGKILL which ends its container takes nothing away."""
    process = start(row, server, home, tmp_path)
    assert process.stdout is not None
    assert "on\n" == process.stdout.readline()
    eventually(lambda: server.stored)
    assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("row", TOLD, ids=lambda row: row.name)
def test_a_place_is_known_by_what_linux_says_of_it(row: Situation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no test can make the place: from namespaces, process 1, the control group and logind's settings."""
    facts = row.facts or {}
    monkeypatch.setattr(place, "_text", lambda path: facts.get(path, ""))
    monkeypatch.setattr(place, "_namespace", row.namespaces.get)
    monkeypatch.setattr(os, "getpid", lambda: row.pid)
    monkeypatch.setattr(sys, "platform", "linux")

    assert row.reason == place.why_not()
    assert (row.who == UPLOADER) == (row.reason is None)


def test_every_reason_has_its_sentence_and_its_place() -> None:
    """What is found out can be said."""
    names = {
        value
        for name, value in vars(place).items()
        if name.isupper() and isinstance(value, str) and name[0] != "_"
    }
    assert names == set(place._SENTENCES)
    assert all(place.explain(name) != name for name in names)


def test_the_page_has_the_rows_of_the_table() -> None:
    """docs/delivery.md says of each place who sends and when."""
    found = PAGE.split("| where the process lives | who sends | when |\n|---|---|---|\n", 1)[1].partition(
        "\n\n"
    )[0]
    assert "\n".join(page()) == found
