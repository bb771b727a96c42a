"""What earlier runs left goes with the next run: shown with an installed tool, a real server and nothing else.

Each state is alone: a native crash and nothing that waits beside it, a deferred report and nothing else.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import outside, uploaders
from tests.servers import Server, eventually

pytestmark = pytest.mark.slow  # pip builds an environment first


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def test_a_native_crash_arrives_with_the_next_healthy_run(home: Path, server: Server) -> None:
    """A fatal signal is reported by the next run that does nothing but end well."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    assert 0 > tool.run("native").returncode
    assert [] == server.types

    assert "done\n" == tool.run("ok").stdout
    eventually(lambda: server.types == ["SIGSEGV"], lambda: (server.types, tool.files))


def test_a_native_crash_is_sent_once(home: Path, server: Server) -> None:
    """However many healthy runs follow, the server gets one report of one death."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    tool.run("native")
    tool.run("ok")
    eventually(lambda: server.types == ["SIGSEGV"])
    tool.run("first")
    eventually(lambda: server.types == ["SIGSEGV", "KeyError"])

    assert 2 == len(server.posted)


def test_native_crashes_that_follow_each_other_all_arrive(home: Path, server: Server) -> None:
    """Each goes with the next healthy run, also where a run has had something sent a moment ago."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    for death, arrived in (("native", ["SIGSEGV"]), ("abort", ["SIGSEGV", "SIGABRT"])):
        tool.run(death)
        tool.run("ok")
        eventually(lambda arrived=arrived: server.types == arrived, lambda: (server.types, tool.files))


def test_a_native_crash_during_an_upload_goes_with_it(home: Path, server: Server) -> None:
    """The next run's uploader leaves it to the one that is sending, which looks once more when it has sent."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    server.mood = "slow"
    tool.run("first")
    eventually(lambda: server.posted)
    tool.run("native")
    tool.run("ok")
    spool = next(path.parent.parent for path in tool.files if path.parent.name == "waiting")
    eventually(lambda: len(uploaders.of(spool)) == 1, lambda: uploaders.of(spool))
    server.mood = "healthy"

    eventually(lambda: server.types == ["KeyError", "SIGSEGV"], lambda: (server.types, tool.files))


def test_a_native_crash_arrives_although_its_process_id_was_given_again(home: Path, server: Server) -> None:
    """Another process has the number now; the next healthy run sends the report all the same."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    tool.run("native")
    with subprocess.Popen(["sleep", "600"]) as other:
        for path in tool.files:
            if path.parent.name == "runs":
                began, _, rest = path.name.partition("-")
                suffix = rest.partition(".")[2]
                path.rename(path.with_name(f"{int(began) - 60_000}-{other.pid}.{suffix}"))
        tool.run("ok")
        eventually(lambda: server.types == ["SIGSEGV"], lambda: (server.types, tool.files))
        other.kill()


def test_a_message_is_readable_wherever_the_destination_comes_from(home: Path, server: Server) -> None:
    """A DSN out of the environment is private, and stands in the header of what is sent; the message stays."""
    for name in ("OUTSIDE_DSN", "CRASHGUARD_DSN"):
        tool = outside.tool(home / name, **{name: server.dsn})
        tool.run("number")
        eventually(lambda: server.events)
        [event] = server.events
        assert "invalid literal for int() with base 10: 'abc'" == event["exception"]["values"][-1]["value"]
        assert "tripwire" not in event["contexts"]["crashguard"]
        server.stored.clear()


@pytest.mark.parametrize(
    ("command", "more"),
    [("deferred", {}), ("inline", {}), ("outside", {"CI": "true"}), ("inline", {"CI": "true"})],
    ids=["deferred", "inline", "auto on CI", "inline on CI"],
)
@pytest.mark.parametrize("death", ["first", "native"])
def test_what_a_run_left_goes_with_the_next_one(
    home: Path, server: Server, command: str, more: dict[str, str], death: str
) -> None:
    """Whichever way a tool delivers, a report that its crash could not send goes with its next run."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn, **more)
    server.mood = "500"
    assert 0 != tool.run(death, command=command).returncode
    server.mood = "healthy"
    forget_backoff(tool)
    assert [] == server.types

    assert "done\n" == tool.run("ok", command=command).stdout
    expected = ["KeyError"] if death == "first" else ["SIGSEGV"]
    eventually(lambda: server.types == expected, lambda: (server.types, tool.files))


def forget_backoff(tool: outside.Tool) -> None:
    """Stand for the minutes that a user lets pass between two runs."""
    for path in tool.files:
        if path.name in ("backoff", "backoff", "resumed"):
            path.unlink()
