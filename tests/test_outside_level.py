"""A no holds from the first instruction on: shown with an installed tool, a real server, and a look at the disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import outside
from tests.servers import Server, eventually

pytestmark = pytest.mark.slow  # pip builds an environment first

# A way to end, its exit status being 0 or not; every one of them leaves something at another telemetry level.
DEATHS = ["first", "thread", "native", "abort", "killed", "exits", "child", "spawned"]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def arrived(server: Server) -> list[str]:
    """The type of the exception of every report that the server has."""
    return [event["exception"]["values"][-1]["type"] for event in server.events]


def nothing_but(tool: outside.Tool, server: Server, *types: str) -> None:
    """A later run at `all` sends its own crash: by then anything that lay there would have gone before it."""
    tool.run("ok")
    tool.run("number")
    eventually(lambda: "ValueError" in arrived(server), lambda: (server.posted, tool.files))
    assert sorted([*types, "ValueError"]) == sorted(arrived(server))


def traces(tool: outside.Tool) -> list[Path]:
    """Everything of crashguard's that lies in the home, folders too."""
    return [path for path in tool.home.rglob("*") if "crashguard" in path.name]


@pytest.mark.parametrize("value", ["none", "stats"])
def test_a_no_on_the_command_line_leaves_nothing(home: Path, server: Server, value: str) -> None:
    """README's lines and `--telemetry-level none`: no file after any death, and no run sends anything."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    for death in DEATHS:
        for flag in (["--telemetry-level", value], [f"--telemetry-level={value}"]):
            done = tool.run(*flag, death)
            assert (death == "thread") == (done.returncode == 0), (death, done.stderr)
            assert [] == traces(tool), death
    assert [] == server.posted
    nothing_but(tool, server)


@pytest.mark.parametrize(
    "flag", [["--telemetry-level", "none"], ["--telemetry-level=none"], ["--tele", "none"]]
)
def test_a_crash_while_arguments_are_parsed_is_under_the_flag(
    home: Path, server: Server, flag: list[str]
) -> None:
    """The tool has not parsed its command line yet, and the user's no counts already."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    for arguments in ([*flag, "--number", "one"], ["--number", "one", *flag, "ok"]):
        done = tool.run(*arguments)
        assert "KeyError: 'one'" in done.stderr
        assert " crashed. " not in done.stderr
    assert [] == traces(tool)
    nothing_but(tool, server)


def test_a_healthy_run_under_a_no_has_no_file(home: Path, server: Server) -> None:
    """The program looks itself, while it runs."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)

    assert ".run" in tool.run("look").stdout
    tool = outside.tool(home / "other", OUTSIDE_DSN=server.dsn)
    assert f"{tool.home}\n" == tool.run("--telemetry-level", "none", "look").stdout


@pytest.mark.parametrize("command", ["clicked", "typed"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_the_flag_counts_before_and_after_a_subcommand(
    home: Path, server: Server, command: str, place: str
) -> None:
    """With click and with typer, where each level has the option: what one of them did not get, the other did."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    for death in ("first", "native", "killed", "thread"):
        for flag in (["--telemetry-level", "none"], ["--telemetry-level=none"]):
            arguments = [*flag, "do", death] if place == "before" else ["do", *flag, death]
            done = tool.run(*arguments, command=command)
            assert (death == "thread") == (done.returncode == 0), done.stderr
            assert [] == traces(tool)
    assert 1 == tool.run("do", "first", command=command).returncode
    eventually(lambda: arrived(server) == ["KeyError"], lambda: (server.posted, tool.files))


def test_a_module_is_the_tool_too(home: Path, server: Server) -> None:
    """`python -m tool`."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)

    done = tool.run("-m", "outside_tool", "--telemetry-level", "none", "--number", "one", command="python")
    assert "KeyError" in done.stderr
    assert [] == traces(tool)


def test_the_flag_of_the_command_line_allows_too(home: Path, server: Server) -> None:
    """`--telemetry-level errors` wins over a variable that says no, once the tool has parsed it."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn, OUTSIDE_TELEMETRY_LEVEL="none")
    tool.run("--telemetry-level", "errors", "--number", "one")
    assert [] == traces(tool)
    tool.run("--telemetry-level", "errors", "first")

    eventually(lambda: arrived(server) == ["KeyError"], lambda: (server.posted, tool.files))
    about = server.events[0]["contexts"]["crashguard"]
    assert ("errors", "--telemetry-level") == (about["telemetry_level"], about["telemetry_level_source"])


@pytest.mark.parametrize("death", ["first", "native"])
def test_a_yes_by_the_flag_is_stronger_than_a_saved_no(home: Path, server: Server, death: str) -> None:
    """What waits of such a run goes with the next one that has the flag, and is deleted by one that has not."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    tool.run("level", "none", command="crashguard")
    allowed = ["--telemetry-level", "errors"]
    server.mood = "500"
    tool.run(*allowed, death)
    if death == "first":
        backoff = home / ".local/state/crashguard/outside/backoff"
        eventually(backoff.exists, lambda: tool.files)
        backoff.unlink()  # its time is over
    server.mood = "healthy"
    tool.run(*allowed, "ok")
    eventually(lambda: server.events, lambda: tool.files)
    about = server.events[0]["contexts"]["crashguard"]
    assert ("errors", "--telemetry-level") == (about["telemetry_level"], about["telemetry_level_source"])

    tool.run(*allowed, "abort")
    tool.run("ok")
    tool.run(*allowed, "ok")
    tool.run(*allowed, "number")
    eventually(lambda: len(server.events) > 1, lambda: tool.files)
    assert "ValueError" == arrived(server)[-1]


def test_what_stands_after_two_dashes_is_no_flag(home: Path, server: Server) -> None:
    """It belongs to what comes after."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    tool.run("--number", "one", "--", "--telemetry-level", "none")

    eventually(lambda: arrived(server) == ["KeyError"], lambda: (server.posted, tool.files))


def test_a_wrong_value_is_left_to_the_parser(home: Path, server: Server) -> None:
    """Until the parser has spoken it counts as none; nobody else says a word, and what waits is not deleted."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    server.mood = "500"
    tool.run("first")
    eventually(lambda: server.posted)
    waiting = [path for path in tool.files if path.suffix == ".envelope"]

    done = tool.run("--telemetry-level", "nnoe", "ok")
    assert 2 == done.returncode
    assert done.stderr.count("nnoe") == 1
    assert waiting == [path for path in tool.files if path.suffix == ".envelope"]

    tool = outside.tool(home / "other", OUTSIDE_DSN=server.dsn)
    assert "KeyError" in tool.run("--number", "one", "--telemetry-level", "nnoe").stderr
    assert [] == traces(tool)


def test_the_flag_of_another_program_is_not_the_tools(home: Path, server: Server) -> None:
    """A program that imports the tool's package has a flag of that name: a value of its own says nothing here."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    home.mkdir(exist_ok=True)
    (home / "other.py").write_text("from outside_tool import cli\ncli.work.first()\n")
    tool.run("other.py", "--telemetry-level", "debug", command="python")
    eventually(lambda: arrived(server) == ["KeyError"], lambda: (server.posted, tool.files))

    tool = outside.tool(home / "second", OUTSIDE_DSN=server.dsn, OUTSIDE_TELEMETRY_LEVEL="none")
    tool.run(str(home / "other.py"), "--telemetry-level", "all", command="python")
    assert [] == traces(tool)
