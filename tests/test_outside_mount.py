"""Our commands below a group of the tool's and by another name: what a text names is there, and can be pasted."""

import re
import subprocess
from pathlib import Path

import pytest

from tests import outside

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # pip builds an environment first

_INSTALL = """
import threading
import crashguard
crashguard.install(app="mytool", version="1.2.3", dsn="http://key@127.0.0.1:9/1")

def work():
    raise ValueError("lost")

def thread():
    started = threading.Thread(target=work)
    started.start()
    started.join()
"""

_ARGPARSE = """
import argparse
from crashguard.integrations.argparse import add_telemetry_commands

parser = argparse.ArgumentParser({prog})
top = parser.add_subparsers(dest="what", required=True)
for name, run in (("work", work), ("thread", thread)):
    top.add_parser(name).set_defaults(run=run)
admin = top.add_parser("admin"){admin}
add_telemetry_commands(admin.add_subparsers(), app="mytool", name="privacy")
parser.parse_args().run()
"""

_CLICK = """
import click
from crashguard.integrations.click import telemetry_commands

def build():
    cli = click.Group(commands=[click.Command(run.__name__, callback=run) for run in (work, thread)])
    admin = click.Group("admin"{admin})
    admin.add_command(telemetry_commands(app="mytool"), "privacy")
    cli.add_command(admin)
    return cli

build()()
"""

_TYPER = """
import typer
from crashguard.integrations.typer import add_telemetry_commands

cli = typer.Typer()
for run in (work, thread):
    cli.command()(run)
admin = typer.Typer()
{admin}
add_telemetry_commands(admin, app="mytool", name="privacy")
cli.add_typer(admin, name="admin")
cli()
"""

_TOOLS = {
    "argparse": _ARGPARSE.format(prog="", admin=""),
    "argparse with a name": _ARGPARSE.format(prog='"mytool"', admin=""),
    "click": _CLICK.format(admin=""),
    "typer": _TYPER.format(admin=""),
}


def script(home: Path, source: str) -> tuple[outside.Tool, str]:
    """The script of a tool, in the home of its user."""
    tool = outside.tool(home)
    home.mkdir(exist_ok=True)
    path = home / "mytool.py"
    path.write_text(_INSTALL + source)
    return tool, str(path)


def pasted(tool: outside.Tool, typed: str) -> str:
    """What a shell makes of a command as a text names it."""
    done = subprocess.run(
        typed,
        shell=True,
        env={"PATH": "", "HOME": str(tool.home)},
        cwd=tool.home,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, (typed, done.stderr)
    return done.stdout.decode()


@pytest.mark.parametrize("library", _TOOLS)
@pytest.mark.parametrize("what", ["work", "thread"])
def test_the_note_names_the_place_of_the_commands(home: Path, library: str, what: str) -> None:
    """Below a group and renamed; after a crash in the command and in a thread of it."""
    tool, path = script(home, _TOOLS[library])
    failed = tool.run(path, what, command="python")

    [typed] = re.findall(r"See it: (.* admin privacy show [0-9a-f]{8})", failed.stderr)
    shown = pasted(tool, typed)
    assert shown.startswith("ValueError: lost\n")
    assert " admin privacy show " in shown.splitlines()[-1]


def test_an_interpreter_on_the_path_is_called_by_its_name(home: Path) -> None:
    """As a person with an activated environment types it. A link to it has other packages, and is not it."""
    tool, path = script(home, _TOOLS["argparse"])
    other = home / "bin"
    other.mkdir()
    (other / "python").symlink_to((tool.bin / "python").resolve())
    found = tool.run(path, "work", command="python", PATH=str(tool.bin)).stderr
    hidden = tool.run(path, "work", command="python", PATH=f"{other}:{tool.bin}").stderr

    assert "See it: python ./mytool.py admin privacy show " in found
    assert f"{tool.bin}/python ./mytool.py admin privacy show " in hidden


@pytest.mark.parametrize("library", _TOOLS)
@pytest.mark.parametrize("words", [["work"], ["--help"], ["admin", "privacy", "level"]])
def test_the_notice_names_it_too(home: Path, library: str, words: list[str]) -> None:
    """Before the note, and in a run in which nothing crashes; also where an earlier run has left a report."""
    tool, path = script(home, _TOOLS[library])
    if words == ["--help"]:
        tool.run(path, "work", command="python")
    shown = tool.on_a_terminal(path, *words, command="python")

    assert shown.count("This is said once.") == 1
    typed = re.findall(r"`(.* level none)`", shown)[0]
    if library != "click" or words != ["--help"]:  # this one keeps its groups in a function that has ended
        assert "admin privacy level none" in typed
    assert "Saved: none" in pasted(tool, typed)


@pytest.mark.parametrize(
    "source",
    [
        _ARGPARSE.format(prog="", admin='; admin.add_argument("where")'),
        _CLICK.format(admin=', params=[click.Option(["--where"], required=True)]'),
        _TYPER.format(admin="@admin.callback()\ndef below(where: str): ..."),
    ],
    ids=["argparse", "click", "typer"],
)
def test_a_command_that_needs_more_is_not_named(home: Path, source: str) -> None:
    """Where a group wants an argument before it, the note names what always works."""
    tool, path = script(home, source)
    failed = tool.run(path, "work", command="python")

    [typed] = re.findall(r"See it: (.*crashguard show [0-9a-f]{8})", failed.stderr)
    assert pasted(tool, typed).startswith("ValueError: lost\n")


_FAILS = """
import os

def fails(place):
    if place == os.environ.get("WHERE"):
        raise ValueError("lost")

def option(value):
    fails("option")
"""

_EARLY = {
    "click": _FAILS
    + """
import click
from crashguard.integrations.click import telemetry_commands

@click.group()
@click.option("--config", callback=lambda context, parameter, value: option(value))
def cli(config):
    fails("tool")

@cli.group()
def admin():
    fails("group")

@admin.command()
def other():
    fails("command")

admin.add_command(telemetry_commands(app="mytool", name="privacy"))
fails("before")
cli()
""",
    "typer": _FAILS
    + """
import typer
from crashguard.integrations.typer import add_telemetry_commands

cli, admin = typer.Typer(), typer.Typer()
cli.add_typer(admin, name="admin")

@cli.callback()
def first(config: str = typer.Option("", callback=option)):
    fails("tool")

@admin.callback()
def below():
    fails("group")

@admin.command()
def other():
    fails("command")

add_telemetry_commands(admin, app="mytool", name="privacy")
fails("before")
cli()
""",
}


@pytest.mark.parametrize("library", _EARLY)
@pytest.mark.parametrize("where", ["before", "option", "tool", "group", "command"])
def test_what_the_note_names_does_not_come_upon_the_crash(home: Path, library: str, where: str) -> None:
    """Where code fails that runs before each command, the tool's own would fail too: `crashguard` works."""
    tool, path = script(home, _EARLY[library])
    failed = tool.run(path, "admin", "other", command="python", WHERE=where)

    [typed] = re.findall(r"See it: (.* show [0-9a-f]{8})", failed.stderr)
    assert (" admin privacy show " in typed) == (where == "command")
    assert pasted(tool, f"WHERE={where} {typed}").startswith("ValueError: lost\n")


_TWO = {
    "click": """
import click
from crashguard.integrations.click import telemetry_commands
cli = click.Group(commands=[telemetry_commands(app="mytool"), click.Command("work", callback=work)])
""",
    "typer": """
import typer
from crashguard.integrations.typer import add_telemetry_commands
cli = typer.Typer()
cli.command()(work)
add_telemetry_commands(cli, app="mytool")
""",
}

_STARTS = "def wrapped():\n    cli()\n\ndef worker():\n    thread() if sys.argv[1:] else work()\n"


@pytest.mark.parametrize("library", _TWO)
@pytest.mark.parametrize(
    ("start", "words", "is_named"),
    [
        ("cli", ["work"], True),
        ("wrapped", ["work"], True),
        ("cli", ["--help"], True),
        ("wrapped", ["--help"], True),
        ("worker", [], False),
        ("worker", ["thread"], False),
    ],
)
def test_a_second_program_of_the_module_names_what_it_has(
    home: Path, library: str, start: str, words: list[str], is_named: bool
) -> None:
    """Its notice and its note; the program whose commands are ours names them, however it is started."""
    tool, _ = script(home, "import sys\n" + _TWO[library] + _STARTS)
    (home / "program").write_text(f"#!{tool.bin}/python\nfrom mytool import {start}\n{start}()\n")
    (home / "program").chmod(0o700)
    shown = tool.on_a_terminal(*words, command=str(home / "program"))

    named = re.findall(r"`(.*) level none`", shown) + re.findall(r"See it: (.*) show ", shown)
    assert len(named) > (words != ["--help"])
    for typed in named:
        assert typed.endswith("program telemetry" if is_named else "crashguard"), shown
        assert "mytool" in pasted(tool, f"{typed} list") or words == ["--help"]
