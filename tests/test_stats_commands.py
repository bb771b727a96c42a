"""Commands of click, typer and argparse tools: which one ran, how it ended, and nothing that was typed."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Finished, Run, component

INSTALL = (
    "import crashguard, sys\n"
    "from crashguard import stats\n"
    "crashguard.install(app='tool', version='1.2.3', delivery='deferred', note=False)\n"
    "stats.configure(url='https://events.example.com', write_key='key')\n"
)
WORK = """
def work(what):
    if what == "fail": raise RuntimeError("words of an error")
    if what == "interrupt": raise KeyboardInterrupt
    if what == "exit": sys.exit(3)
"""
CLICK = (
    INSTALL
    + WORK
    + """
import click
from crashguard.integrations.commands import record_commands
@click.group()
@click.version_option("1.2.3")
def tool(): pass
@tool.command()
@click.argument("what", default="")
@click.option("--secret")
def sync(what, secret):
    if what == "usage": raise click.UsageError("cannot be meant")
    if what == "abort": raise click.Abort
    work(what)
@tool.group()
def plugin(): pass
@plugin.command("publish")
@click.argument("what", default="")
def release(what): work(what)
record_commands(tool)()
"""
)
TYPER = (
    INSTALL
    + WORK
    + """
import typer
from crashguard.integrations.commands import record_commands
app = typer.Typer()
plugin = typer.Typer()
app.add_typer(plugin, name="plugin")
@app.callback()
def tool(version: bool = typer.Option(False, "--version", is_eager=True, callback=lambda v: v and (_ for _ in ()).throw(typer.Exit()))): pass
@app.command()
def sync(what: str = typer.Argument(""), secret: str = ""):
    if what == "usage": raise typer.BadParameter("cannot be meant")
    if what == "abort": raise typer.Abort
    work(what)
@plugin.command("publish")
def release(what: str = typer.Argument("")): work(what)
record_commands(app)()
"""
)
ARGPARSE = (
    INSTALL
    + WORK
    + """
import argparse
from crashguard.integrations.commands import recorded_arguments
parser = argparse.ArgumentParser(prog="tool")
parser.add_argument("--version", action="version", version="1.2.3")
commands = parser.add_subparsers(required=True)
sync = commands.add_parser("sync", aliases=["s"])
plugin = commands.add_parser("plugin").add_subparsers(required=True)
release = plugin.add_parser("publish")
for each in (sync, release):
    each.add_argument("what", nargs="?", default="")
    each.add_argument("--secret")
with recorded_arguments(parser) as args:
    assert set(vars(args)) <= {"what", "secret"}
    if args.what == "usage": parser.error("cannot be meant")
    if args.what == "abort": raise KeyboardInterrupt
    work(args.what)
"""
)

Tool = Callable[..., tuple[int, list[tuple[str, str]]]]


def recorded(state: Path) -> list[tuple[str, str]]:
    """(command, status) of each record that a program left; anything else in one fails."""
    found = []
    for path in sorted(state.rglob("*.jsonl")):
        message = json.loads(path.read_text().splitlines()[1])
        assert set(message["properties"]) == {"command", "status"}
        found.append((message["properties"]["command"], message["properties"]["status"]))
    return found


@pytest.fixture(params=["click", "argparse", "typer"])
def tool(request: pytest.FixtureRequest, run: Run, home: Path, tmp_path: Path) -> Tool:
    def tool(*arguments: str) -> tuple[int, list[tuple[str, str]]]:
        state = home / ".local/state/crashguard"
        before = len(recorded(state))
        if request.param == "typer":
            program = tmp_path / "tool.py"
            program.write_text(TYPER)
            done = subprocess.run(
                [component("CRASHGUARD_FRAMEWORKS_PYTHON"), str(program), *arguments],
                env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                check=False,
            )
            return done.returncode, recorded(state)[before:]
        finished: Finished = run({"click": CLICK, "argparse": ARGPARSE}[request.param], *arguments)
        return finished.status, recorded(state)[before:]

    return tool


@pytest.mark.slow
def test_each_end_has_its_word(tool: Tool) -> None:
    """Success, error, exit status, usage error and interruption are told apart."""
    assert tool("sync") == (0, [("tool sync", "success")])
    assert tool("sync", "fail") == (1, [("tool sync", "error")])
    assert tool("sync", "exit") == (3, [("tool sync", "error")])
    assert tool("sync", "usage") == (2, [("tool sync", "usage")])
    for what in ("interrupt", "abort"):
        status, told = tool("sync", what)
        assert status in (1, 130, -2)
        assert told == [("tool sync", "interrupted")]


def test_nested_commands_are_named_by_their_path(tool: Tool) -> None:
    """The path is that of the program's own names."""
    assert tool("plugin", "publish") == (0, [("tool plugin publish", "success")])
    assert tool("plugin", "publish", "fail") == (1, [("tool plugin publish", "error")])


@pytest.mark.parametrize(
    "asked", [["--help"], ["sync", "--help"], ["plugin", "publish", "--help"], ["--version"]]
)
def test_asking_is_no_command(tool: Tool, asked: list[str]) -> None:
    """--help and --version leave no record."""
    assert tool(*asked) == (0, [])


def test_what_is_typed_wrong_is_a_usage_error(tool: Tool) -> None:
    """Unknown commands and options are `usage`, and what was typed is not told."""
    status, [(command, ended)] = tool("password-of-ada")
    assert (status, ended) == (2, "usage")
    assert command == "tool"
    status, [(command, ended)] = tool("sync", "--unknown-hunter2")
    assert (status, ended) == (2, "usage")
    assert command in ("tool", "tool sync")


def test_arguments_and_options_are_not_told(tool: Tool) -> None:
    """Nothing that stands behind the subcommand is recorded."""
    assert tool("sync", "spec.yml", "--secret", "hunter2") == (0, [("tool sync", "success")])


def test_an_alias_is_told_by_its_name(run: Run, home: Path) -> None:
    """The program's name for a subcommand, not what the user typed."""
    run(ARGPARSE, "s")

    assert recorded(home / ".local/state/crashguard") == [("tool sync", "success")]


def test_a_command_that_is_called_without_its_main_is_not_disturbed(run: Run) -> None:
    """click's own test runner and invoke() of another command work as before."""
    program = CLICK.replace("record_commands(tool)()", "record_commands(tool)") + (
        "from click.testing import CliRunner\n"
        "print(CliRunner().invoke(tool, ['sync']).exit_code, CliRunner().invoke(tool, ['sync', 'usage']).exit_code)\n"
        "print(sync.make_context('sync', []).invoke(sync))\n"
    )

    assert run(program).stdout == "0 2\nNone\n"
