"""Whose yes it was: asked again before anything leaves, by an installed crashguard, with a real server and the disk."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import outside
from tests.servers import Server, eventually
from tests.sink import Sink
from tests.test_consent_outside import ABOUT, FIRST, arrived, run, script, sends, traces

pytestmark = pytest.mark.slow  # pip builds an environment first

HANDLED = "try: {}['x']\nexcept KeyError as error: crashguard.capture_exception(error)\n"
NO_BY_HAND = """
os.makedirs(os.path.expanduser("~/.config/crashguard"), exist_ok=True)
with open(os.path.expanduser("~/.config/crashguard/telemetry-level"), "w") as file:
    file.write("none 2026-01-31T12:00:00Z")
"""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def waiting(tool: outside.Tool) -> list[Path]:
    return [path for path in tool.files if path.parent.name in ("waiting", "recording")]


@pytest.mark.parametrize(
    ("more", "environment", "arguments"),
    [
        ("", {}, []),
        (', env_var=["NEW_LEVEL", "OLD_LEVEL"]', {"OLD_LEVEL": "errors"}, []),
        ("", {}, ["--telemetry-level", "errors"]),
        (', plugin=crashguard.Plugin("cloudquery", "source", "aws", "1.0")', {}, []),
    ],
    ids=["default", "former variable", "unparsed flag", "plugin"],
)
def test_what_takes_away_gives_nothing(
    home: Path, server: Server, more: str, environment: dict[str, str], arguments: list[str]
) -> None:
    """A source that only lowered the level is no yes of its own: a no that is saved before the sending still counts."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    run(
        tool,
        FIRST.replace("crashguard.install(", f"crashguard.install(note=True{more}, ") + HANDLED + NO_BY_HAND,
        *arguments,
        **environment,
    )

    eventually(lambda: not waiting(tool), lambda: tool.files)
    assert [] == server.posted


@pytest.mark.parametrize(
    ("delivery", "end", "command"),
    [
        ("background", "", ""),
        ("inline", "", ""),
        ("deferred", "stats.flush()", ""),
        ("deferred", "", "send"),
        ("deferred", "", "run"),
    ],
    ids=["uploader", "at exit", "flush", "command", "next run"],
)
@pytest.mark.parametrize("variable", ["", "stats"])
def test_a_no_between_a_record_and_its_sending(
    home: Path, delivery: str, end: str, command: str, variable: str
) -> None:
    """Numbers that were recorded under the default do not leave, whoever sends; those that the variable allows do."""
    with Sink() as sink:
        tool = outside.tool(home, OUTSIDE_TELEMETRY_LEVEL=variable)
        first = FIRST.replace("crashguard.install(", f'crashguard.install(delivery="{delivery}", ')
        source = f"""{first}
from crashguard import stats
stats.configure(url="{sink.url}", write_key="key")
with stats.command("sync"):
    pass
{NO_BY_HAND}
{end}
"""
        run(tool, source)
        if command == "send":
            tool.run("send", command="crashguard")
        elif command == "run":
            run(tool, f"{FIRST}pass")
        if variable:
            eventually(lambda: sink.events, lambda: tool.files)
        else:
            eventually(lambda: not waiting(tool), lambda: tool.files)
            assert [] == sink.requests


def test_a_choice_that_no_disk_takes_is_told(home: Path, server: Server) -> None:
    """With what the person can do in its place, and that works."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    home.mkdir(exist_ok=True)
    (home / ".config").write_text("in the way")
    done = tool.run("level", "none", command="crashguard")
    assert 1 == done.returncode
    assert "nothing was saved" in done.stderr
    assert "DO_NOT_TRACK=1" in done.stderr
    (home / ".config").unlink()
    tool.run("first", DO_NOT_TRACK="1")
    assert [] == traces(tool)


HOST = f"""{FIRST}
child = subprocess.Popen(
    [sys.executable, "plugin.py"], env=crashguard.child_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
child.stdout.readline()
if len(sys.argv) > 1:
    command = os.path.join(os.path.dirname(sys.executable), "crashguard")
    subprocess.run([command, "level", *sys.argv[1:]], check=True, capture_output=True)
child.communicate(b"go on")
"""
PLUGIN = """
import os, sys
import crashguard
crashguard.install(
    app="cloudquery-source-aws", version="1.0", dsn=os.environ["OUTSIDE_DSN"],
    plugin=crashguard.Plugin("cloudquery", "source", "aws", "1.0"),
)
print("ready", flush=True)
sys.stdin.readline()
raise KeyError
"""


@pytest.mark.parametrize("choice", [["none"], ["none", "--app", "outside"], ["stats"]])
def test_a_plugin_hears_a_no_that_its_host_was_not_told_by_its_variable(
    home: Path, server: Server, choice: list[str]
) -> None:
    """The host passed on what the default allowed; a no that is saved while the plugin runs counts in it, too."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    script(tool, PLUGIN, "plugin.py")
    run(tool, HOST, *choice)

    assert not [path for path in tool.files if path.suffix == ".envelope"]
    run(
        tool, HOST, *choice, OUTSIDE_TELEMETRY_LEVEL="errors"
    )  # a yes by the variable holds for the host's run
    eventually(lambda: arrived(server) == ["KeyError"], lambda: (server.posted, tool.files))
    about = server.events[0]["contexts"]["crashguard"]
    assert ("errors", "OUTSIDE_TELEMETRY_LEVEL") == (
        about["telemetry_level"],
        about["telemetry_level_source"],
    )


def test_a_plugins_report_names_whose_yes_it_was(home: Path, server: Server) -> None:
    """What the host passed on was the user's saved choice, lowered by nobody."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    script(tool, PLUGIN, "plugin.py")
    tool.run("level", "errors", command="crashguard")
    run(tool, HOST)

    eventually(lambda: server.events, lambda: (server.posted, tool.files))
    about = server.events[0]["contexts"]["crashguard"]
    assert ("errors", "saved choice") == (about["telemetry_level"], about["telemetry_level_source"])


@pytest.mark.parametrize("command", ["outside", "clicked", "typed"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_wrong_flag_is_a_wrong_use_of_the_tool(
    home: Path, server: Server, command: str, place: str
) -> None:
    """Status 2, what was wrong, the four choices and no traceback; nothing on disk."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    words = ["ok"] if command == "outside" else ["do", "ok"]
    done = tool.run(
        *words[: place == "after"], "--telemetry-level=nnoe", *words[place == "after" :], command=command
    )

    assert (2, "") == (done.returncode, done.stdout)
    said = " ".join(done.stderr.replace("│", " ").split())
    assert 1 == said.count("'nnoe' is not a telemetry level; choose one of none, stats, errors, all")
    assert "Traceback" not in done.stderr
    assert [] == traces(tool)


@pytest.mark.parametrize("command", ["outside", "clicked", "typed"])
def test_a_wrong_variable_prints_one_line(home: Path, server: Server, command: str) -> None:
    """install() says it, and the parser ends the program with status 2 and does not say it again."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    arguments = ["ok"] if command == "outside" else ["do", "ok"]
    done = tool.run(*arguments, command=command, OUTSIDE_TELEMETRY_LEVEL="nnoe")

    assert (2, "") == (done.returncode, done.stdout)
    [line] = done.stderr.splitlines()
    assert "OUTSIDE_TELEMETRY_LEVEL: 'nnoe' is not a telemetry level" in line
    assert "none, stats, errors, all" in line
    assert [] == traces(tool)


def test_a_start_reads_each_choice_no_more_often_than_install_is_called(home: Path, server: Server) -> None:
    """README's lines call it twice; the parser asks install() and not the disk."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    counted = """
import sys
read = []
sys.addaudithook(lambda event, args: read.append(args[0]) if event == "open" else None)
sys.argv[1:] = ["ok"]
from outside_tool import cli
cli.main()
print([str(path).endswith("/telemetry-level") for path in read].count(True))
"""
    tool.run("level", "all", command="crashguard")
    # The choice for this tool, that for all of them, and the machine's, each time.
    assert "done\n6\n" == run(tool, counted)


@pytest.mark.parametrize("command", ["clicked", "typed"])
def test_a_groups_flag_counts_in_its_subcommand(home: Path, server: Server, command: str) -> None:
    """Both have the option; that the subcommand's parser was not given it takes nothing back."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn, OUTSIDE_TELEMETRY_LEVEL="none")
    tool.run("--telemetry-level", "errors", "do", "first", command=command)

    eventually(lambda: arrived(server) == ["KeyError"], lambda: (server.posted, tool.files))
    tool.run("--telemetry-level", "errors", "do", "--telemetry-level", "none", "number", command=command)
    assert 1 == len([path for path in tool.files if path.suffix == ".envelope"])


def test_status_shows_a_tool_that_was_silenced_before_it_left_anything(home: Path) -> None:
    """Its user looks there whether the no was saved."""
    tool = outside.tool(home)
    tool.run("level", "none", "--app", "outside", "--yes", command="crashguard")

    shown = tool.run("status", command="crashguard").stdout
    assert "outside\n  telemetry level  none (saved choice" in shown
    assert '"outside": {\n      "telemetry_level": {\n        "value": "none"' in (
        tool.run("status", "--json", command="crashguard").stdout
    )


@pytest.mark.parametrize("place", ["telemetry-level", "outside/telemetry-level"])
def test_a_no_that_is_removed_by_hand_held_until_then(home: Path, server: Server, place: str) -> None:
    """A no is saved while the program runs, it dies, and then somebody deletes the file."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    app = "" if place == "telemetry-level" else ', "--app", "outside", "--yes"'
    save = f"""
command = os.path.join(os.path.dirname(sys.executable), "crashguard")
subprocess.run([command, "level", "none"{app}], check=True)
"""
    run(tool, f"{FIRST}{save}import ctypes; ctypes.string_at(0)")
    (home / ".config/crashguard" / place).unlink()

    sends(tool, server)


def test_a_choice_for_another_tool_withholds_nothing(home: Path, server: Server) -> None:
    """Nobody has removed one: what waits of this tool still goes."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    run(tool, f"{FIRST}import ctypes; ctypes.string_at(0)")
    for value in ("none", "stats"):
        tool.run("level", value, "--app", f"other-{value}", "--yes", command="crashguard")
    run(tool, f"{FIRST}raise LookupError")

    eventually(lambda: 2 == len(server.events), lambda: (server.posted, tool.files))


def test_bytes_that_are_no_text_are_a_no(home: Path, server: Server) -> None:
    """In the environment and on the command line: one line where a person can act, nothing on disk, nothing sent."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    odd = os.fsdecode(b"n\xffne")
    for arguments, environment, status in (
        (["first"], {"OUTSIDE_TELEMETRY_LEVEL": odd}, 2),
        (["--telemetry-level", odd, "first"], {}, 2),
        (["--number", "one", f"--telemetry-level={odd}", "first"], {}, 1),
        (["first"], {"DO_NOT_TRACK": odd}, 1),
    ):
        done = tool.run(*arguments, **environment)
        assert status == done.returncode
        assert (status == 2) == ("is not a telemetry level" in done.stderr)
        assert [] == traces(tool)
    done = tool.run(script(tool, f"{FIRST}raise KeyError"), command="python", OUTSIDE_TELEMETRY_LEVEL=odd)
    assert 1 == done.stderr.count("is not a telemetry level")
    assert [] == traces(tool)
    sends(tool, server)


def test_a_home_whose_name_is_no_text_keeps_a_no(home: Path, server: Server) -> None:
    """It is saved there, found there, and shown."""
    tool = outside.tool(Path(os.fsdecode(os.fsencode(home) + b"-\xff")), OUTSIDE_DSN=server.dsn)
    assert 0 == tool.run("level", "none", command="crashguard").returncode
    assert "none (saved choice" in tool.run("status", command="crashguard").stdout
    tool.run("first")
    assert not (tool.home / ".local").exists()
    tool.run("level", "all", command="crashguard")
    tool.run("first")
    eventually(lambda: arrived(server) == ["KeyError"], lambda: (server.posted, tool.files))


SAYS_LESS = (
    f'import os, subprocess, sys\nimport crashguard\ncrashguard.install(default_level="{{}}", {ABOUT})\n'
)


def test_a_tool_that_asks_first_sends_only_after_a_yes(home: Path, server: Server) -> None:
    """`default_level="none"`: nothing on disk, nothing sent; the user's yes counts from then on and is shown."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    source = SAYS_LESS.format("none") + "raise {}"
    run(tool, source.format("KeyError"))
    run(tool, SAYS_LESS.format("stats") + "raise KeyError")
    assert [] == traces(tool)
    run(tool, source.format("IndexError"), OUTSIDE_TELEMETRY_LEVEL="errors")
    tool.run("level", "all", "--app", "outside", command="crashguard")
    run(tool, source.format("ValueError"))
    eventually(lambda: arrived(server) == ["IndexError", "ValueError"], lambda: (server.posted, tool.files))
    (home / ".config/crashguard/outside/telemetry-level").unlink()
    assert "none (default)" in tool.run("status", "--app", "outside", command="crashguard").stdout
    run(tool, source.format("KeyError"))
    assert 2 == len(server.posted)
