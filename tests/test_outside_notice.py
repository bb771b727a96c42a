"""Who says nothing learns of it before anything leaves: a real terminal, an installed tool, a real server."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import outside
from tests.servers import Server, eventually

pytestmark = pytest.mark.slow  # pip builds an environment first

SAID = "This is said once."


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def pass_a_minute(tool: outside.Tool) -> None:
    """Stand for the minute that the first report waits."""
    mark = tool.home / ".local/state/crashguard/outside/first-report"
    before = time.time() - 61
    os.utime(mark, (before, before))


def test_the_first_run_on_a_terminal_says_what_may_leave(home: Path, server: Server) -> None:
    """Three lines, once: where it goes and how to say no; the tool's own output is what it was."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)

    first = tool.on_a_terminal("ok")
    assert f"sends a report to 127.0.0.1:{server.port}" in first
    assert "OUTSIDE_TELEMETRY_LEVEL=none" in first
    assert SAID in first
    *notice, done = first.splitlines()
    assert done == "done"
    assert 3 == len([line for line in notice if not line.startswith("`")])  # a long command has its own line
    assert max(len(line) for line in notice if not line.startswith("`")) <= 80
    assert "done\n" == tool.on_a_terminal("ok")


@pytest.mark.parametrize(
    "more",
    [
        {"CI": "true"},
        {"OUTSIDE_TELEMETRY_LEVEL": "none"},
        {"OUTSIDE_TELEMETRY_LEVEL": "stats"},
        {"OUTSIDE_DSN": ""},
        {"_OUTSIDE_COMPLETE": "bash_source"},
    ],
    ids=["CI", "none", "stats", "no destination", "completion"],
)
def test_nothing_is_said_where_nothing_leaves_or_nobody_reads(
    home: Path, server: Server, more: dict[str, str]
) -> None:
    """The notice then comes with the first run in which it matters."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)

    assert "done\n" == tool.on_a_terminal("ok", **more)
    assert ("done\n", "") == ((done := tool.run("ok")).stdout, done.stderr)
    assert SAID in tool.on_a_terminal("ok")


def test_the_first_report_waits_a_minute_for_a_no(home: Path, server: Server) -> None:
    """The note on the terminal says so; a no within the minute deletes the report, and nothing has left."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    shown = tool.on_a_terminal("first")
    assert f"It is sent to 127.0.0.1:{server.port} in a minute" in shown
    tool.run("ok")  # another run does not send it either
    assert 1 == len([path for path in tool.files if path.suffix == ".envelope"])
    config = home / ".config/crashguard"
    config.mkdir(parents=True)
    (config / "telemetry-level").write_text("none 2026-01-31T12:00:00Z\n")
    pass_a_minute(tool)

    eventually(lambda: not [path for path in tool.files if path.suffix == ".envelope"], lambda: tool.files)
    assert [] == server.posted


def test_after_the_minute_the_report_goes_and_no_other_waits(home: Path, server: Server) -> None:
    """Only the first report of a tool on a machine waits."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    tool.on_a_terminal("first")
    pass_a_minute(tool)
    eventually(lambda: 1 == len(server.events), lambda: tool.files)

    shown = tool.on_a_terminal("number")
    assert "in a minute" not in shown
    eventually(lambda: 2 == len(server.events), lambda: tool.files)


@pytest.mark.parametrize("command", ["outside", "inline"])
def test_the_note_of_a_report_that_waits_names_the_saved_no(home: Path, server: Server, command: str) -> None:
    """A variable is for runs to come; also where the command's path is long, and where no uploader waits."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    shown = tool.on_a_terminal("first", command=command)
    assert "in a minute" in shown
    named = shown[shown.index("KeyError") :]
    assert "crashguard level none" in named

    assert 1 == len([path for path in tool.files if path.suffix == ".envelope"])
    subprocess.run(
        [tool.bin / "crashguard", "level", "none"], env={"HOME": str(home)}, check=True, capture_output=True
    )
    assert [] == [path for path in tool.files if path.suffix == ".envelope"]
    pass_a_minute(tool)
    tool.run("ok", OUTSIDE_TELEMETRY_LEVEL="all")
    assert [] == server.posted


def test_where_no_uploader_waits_the_next_run_sends_the_first_report(home: Path, server: Server) -> None:
    """The note says so, and it is true."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    assert "by the next run" in tool.on_a_terminal("first", command="inline")
    assert [] == server.posted
    pass_a_minute(tool)
    tool.run("ok", command="inline")

    eventually(lambda: 1 == len(server.events), lambda: tool.files)


@pytest.mark.parametrize("what", ["native", "abort", "handled", "flushed"])
def test_a_first_report_without_a_note_waits_too(home: Path, server: Server, what: str) -> None:
    """Nothing leaves together with the notice, nor within a minute; a no by then deletes what waits."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    assert SAID in tool.on_a_terminal(what)
    tool.on_a_terminal("ok")
    tool.run("ok")
    status = tool.run("status", command="crashguard").stdout
    assert "the first report waits for a no" in status or "native" in what or what == "abort"
    done = tool.run("level", "none", command="crashguard")
    assert "1 report that waited to be sent: deleted." in done.stdout, status
    pass_a_minute(tool)
    tool.run("ok", OUTSIDE_TELEMETRY_LEVEL="all")

    assert [] == server.posted


def test_where_no_disk_notes_it_the_notice_comes_before_each_report(home: Path, server: Server) -> None:
    """A run from which nothing leaves says nothing; it could not be remembered that it did."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    (home / "file").touch()
    nowhere = {"XDG_STATE_HOME": str(home / "file/x"), "TMPDIR": str(home / "file/y")}
    assert "done\n" == tool.on_a_terminal("ok", **nowhere)
    for number in (1, 2):
        shown = tool.on_a_terminal("handled", **nowhere)
        assert f"sends a report to 127.0.0.1:{server.port}" in shown
        assert "OUTSIDE_TELEMETRY_LEVEL=none" in shown
        assert SAID not in shown
        eventually(lambda expected=number: expected == len(server.events), lambda: tool.files)
    assert "a report to" not in tool.on_a_terminal("handled", OUTSIDE_TELEMETRY_LEVEL="none", **nowhere)
    assert 2 == len(server.events)


@pytest.mark.parametrize("way", ["send", "by hand"])
def test_a_no_that_comes_by_whoever_sends_leaves_nothing_that_tells_of_a_crash(
    home: Path, server: Server, way: str
) -> None:
    """The command, and the uploader that waits: as a run of the tool under the no."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    tool.on_a_terminal("first")
    if way == "send":
        tool.run("send", command="crashguard", DO_NOT_TRACK="1")
    else:
        (home / ".config/crashguard").mkdir(parents=True)
        (home / ".config/crashguard/telemetry-level").write_text("none\n")
        pass_a_minute(tool)

    kept = {"about", "notice", "first-report", "telemetry-level"}
    eventually(lambda: kept.issuperset(path.name for path in tool.files), lambda: tool.files)
    assert [] == server.posted


@pytest.mark.parametrize("what", ["native", "handled"])
def test_a_first_report_that_is_found_with_the_notice_waits(home: Path, server: Server, what: str) -> None:
    """It was left by a run that nobody watched; after the minute it goes by itself."""
    server.mood = "503"
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    tool.run(what)
    backoff = home / ".local/state/crashguard/outside/backoff"
    eventually(lambda: what == "native" or backoff.exists(), lambda: tool.files)
    server.mood = "healthy"
    backoff.unlink(missing_ok=True)
    before = len(server.posted)
    assert SAID in tool.on_a_terminal("ok")
    tool.run("ok")
    assert before == len(server.posted)
    pass_a_minute(tool)

    eventually(lambda: 1 == len(server.events), lambda: tool.files)


def test_the_first_report_long_after_the_notice_waits(home: Path, server: Server) -> None:
    """The notice's minute is not that of the report: also one of a native crash, which the next start finds."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    tool.on_a_terminal("ok")
    pass_a_minute(tool)
    tool.on_a_terminal("native")
    tool.on_a_terminal("ok")
    tool.run("level", "none", command="crashguard")
    pass_a_minute(tool)
    tool.run("ok", OUTSIDE_TELEMETRY_LEVEL="all")

    assert [] == server.posted


def test_in_a_pipe_nothing_waits(home: Path, server: Server) -> None:
    """Nobody reads the note there, so nobody could say no because of it."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    assert "in a minute" not in tool.run("first").stderr

    eventually(lambda: 1 == len(server.events), lambda: tool.files)
