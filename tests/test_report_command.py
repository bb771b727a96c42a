"""The subcommand and the options that were given: names that the tool declared, as its parser understood them."""

import argparse
import contextlib
import io
import random
from pathlib import Path
from typing import Any, ClassVar

import pytest

from crashguard.report import command
from tests.conftest import Run

WORDS = [
    "--env",
    "production-secret",
    "--env=production-secret",
    "--en",
    "x",
    "-v",
    "-vv",
    "-vq",
    "--verbose",
    "-f",
    "file-of-ada",
    "-ffile",
    "-vf",
    "x",
    "--color",
    "--no-color",
    "--pair",
    "one",
    "two",
    "--many",
    "a",
    "b",
    "--flag-",
    "--",
    "-",
    "-5",
    "db",
    "mg",
    "migrate",
    "drop",
    "names",
    "ada",
    "--opt",
    "--opt",
    "x",
    "--un=known",
    "--dry-run",
    "-n",
    "--telemetry-level",
    "none",
    "-x",
    "--x=1",
]
PRIVATE = ("production-secret", "file-of-ada", "ada", "one", "two")


class Given(argparse.Action):
    """Notes that argparse itself has met the option."""

    met: ClassVar[list[str]] = []

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        Given.met.append(
            next((name for name in self.option_strings if len(name) > 2), self.option_strings[0])
        )


def parser() -> argparse.ArgumentParser:
    """A parser with each sort of option and subcommands of subcommands."""
    root = argparse.ArgumentParser(exit_on_error=True)
    root.add_argument("--env", action=Given)
    root.add_argument("-v", "--verbose", action=Given, nargs=0)
    root.add_argument("-q", action=Given, nargs=0)
    root.add_argument("-f", "--file", action=Given)
    root.add_argument("--color", "--colour", action=Given, nargs=0)
    root.add_argument("--pair", action=Given, nargs=2)
    root.add_argument("--opt", action=Given, nargs="?")
    commands = root.add_subparsers(dest="first")
    db = commands.add_parser("db")
    db.add_argument("where", nargs=1)
    below = db.add_subparsers(dest="second")
    migrate = below.add_parser("migrate", aliases=["mg"])
    migrate.add_argument("-n", "--dry-run", action=Given, nargs=0)
    migrate.add_argument("--many", action=Given, nargs="+")
    migrate.add_argument("names", nargs="*")
    commands.add_parser("drop").add_argument("names", nargs="*")
    return root


def understood(root: argparse.ArgumentParser, words: list[str]) -> tuple[list[str], list[str]] | None:
    """What argparse makes of a command line; None where it refuses it."""
    Given.met = []
    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            parsed = root.parse_args(words)
    except SystemExit:
        return None
    path = [getattr(parsed, name, None) for name in ("first", "second")]
    return [{"mg": "migrate"}.get(name, name) for name in path if name], list(dict.fromkeys(Given.met))


@pytest.mark.slow
def test_a_command_line_is_read_as_argparse_reads_it() -> None:
    """Of five thousand made-up command lines, each that argparse takes has the same subcommand and options."""
    chance = random.Random(13)
    root = parser()
    taken = 0
    for _ in range(5_000):
        words = chance.choices(WORDS, k=chance.randrange(7))
        expected = understood(root, words)
        path, options = command.of_arguments(root, words)
        assert not set(PRIVATE) & {*path, *options}, words
        if expected is not None:
            taken += 1
            assert (path, sorted(options)) == (expected[0], sorted(expected[1])), words

    assert taken > 300


def test_no_command_line_breaks_a_report() -> None:
    """A parser that is none, and words that are none: no names, no exception."""
    for broken in (7, object(), argparse.Namespace(_actions=3)):
        assert command.find([], (broken, ["x"]), lambda *_: True) is None
    assert command.find([], None, lambda *_: True) is None


ARGPARSE = """
import argparse
import crashguard
from crashguard.integrations.argparse import add_telemetry_level

crashguard.install(app="demo", version="1.0", note=False)
parser = argparse.ArgumentParser()
add_telemetry_level(parser, app="demo")
parser.add_argument("--target")
commands = parser.add_subparsers()
commands.add_parser("migrate").add_argument("name")
args = parser.parse_args({given})
crashguard.install(app="demo", version="1.0", note=False, telemetry_level=args.telemetry_level)
{ends}
"""
THREAD = "import threading\nthread = threading.Thread(target=lambda: 1 / 0)\nthread.start()\nthread.join()\n"


@pytest.mark.parametrize("ends", ["1 / 0", THREAD], ids=["main", "thread"])
def test_argparse_needs_readmes_lines_only(run: Run, ends: str) -> None:
    """The subcommand and the names of options, wherever it crashes; no value and no argument."""
    done = run(ARGPARSE.format(given="", ends=ends), "--target", "secret-host", "migrate", "name-of-ada")

    assert done.event["tags"]["command"] == "migrate"
    assert done.event["contexts"]["command"] == {"options": ["--target"]}
    [path] = done.files()
    assert not {"secret-host", "name-of-ada"} & set(path.read_text().split('"'))


def test_a_tool_that_hands_its_own_arguments(run: Run) -> None:
    """What the parser was given counts, not what the process was started with."""
    done = run(ARGPARSE.format(given="['migrate', 'x']", ends="1 / 0"), "--target", "secret-host")

    assert done.event["tags"]["command"] == "migrate"
    assert "command" not in done.event["contexts"]


def test_a_tool_without_a_parser_has_no_command(run: Run) -> None:
    """No field stands empty."""
    event = run("import crashguard\ncrashguard.install(app='demo', version='1')\n1 / 0\n", "--x").event

    assert "command" not in event["tags"]
    assert "command" not in event["contexts"]


CLICK = """
import sys
import crashguard
import click
crashguard.install(app="demo", version="1.0", note=False)

@click.group()
@click.option("--verbose/--quiet", "-v/-q")
@click.option("--env", envvar="DEMO_ENV")
def main(verbose, env): pass

@main.group("data-base")
def db(): pass

@db.command("migrate")
@click.option("-n", "--dry-run", is_flag=True)
@click.option("--target", default="x")
@click.argument("name")
def upgrade(dry_run, target, name):
    {ends}

foreign = {{"__name__": "of_the_user", "click": click}}
exec(compile("@click.command('secret')\\ndef f(): 1 / 0", "/home/ada/mine.py", "exec"), foreign)
main.add_command(foreign["f"])
main({how})
"""
CLICK_ENDS = {
    "uncaught": ("1 / 0", ""),
    "not standalone": ("1 / 0", "standalone_mode=False"),
    "guard": ("with crashguard.guard(reraise=False): 1 / 0", ""),
    "thread": (THREAD.replace("\n", ";").rstrip(";"), ""),
}


@pytest.mark.parametrize("name", CLICK_ENDS)
def test_click_needs_no_line(run: Run, name: str) -> None:
    """The path by its declared names and the options from the command line, wherever it crashes."""
    pytest.importorskip("click")
    ends, how = CLICK_ENDS[name]
    done = run(
        CLICK.format(ends=ends, how=how),
        *("-q", "data-base", "migrate", "-n", "--target=secret-host", "name-of-ada"),
        env={"DEMO_ENV": "x"},
    )

    assert done.event["tags"]["command"] == "data-base migrate"
    assert done.event["contexts"]["command"] == {"options": ["--quiet", "--dry-run", "--target"]}
    [path] = done.files()
    assert "secret-host" not in path.read_text()
    assert "name-of-ada" not in path.read_text()


FLAGS = """
import crashguard
import click
crashguard.install(app="demo", version="1.0", note=False)

@click.command()
@click.option("--upper", "case", flag_value="upper")
@click.option("--lower", "case", flag_value="lower")
@click.option("--dry-run/--real", default=True)
def main(case, dry_run): 1 / 0

main()
"""


def test_of_flags_that_set_one_value_the_typed_one_is_named(run: Run) -> None:
    """`--real` of `--dry-run/--real`, and one of two flags that are values of one parameter."""
    pytest.importorskip("click")
    done = run(FLAGS, "--lower", "--real")

    assert {"--lower", "--real"} == set(done.event["contexts"]["command"]["options"])


def test_a_negated_flag_of_argparse_is_named_as_it_was_typed() -> None:
    """`--no-flag`, also where it is shortened."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-f", "--flag", action=argparse.BooleanOptionalAction)

    for typed, named in (
        ("--no-flag", "--no-flag"),
        ("--no-f", "--no-flag"),
        ("--flag", "--flag"),
        ("-f", "--flag"),
    ):
        assert ([], [named]) == command.of_arguments(parser, [typed])


GROUP = """
import asyncio
async def key(): {}["a"]
async def index(): [][0]
async def both():
    async with asyncio.TaskGroup() as group:
        group.create_task(key())
        group.create_task(index())
"""


def test_each_report_of_a_group_names_the_command(run: Run) -> None:
    """Also that of a member whose own traceback begins in a task, and not at the command."""
    pytest.importorskip("click")
    program = GROUP + CLICK.format(ends="asyncio.run(both())", how="")
    done = run(program, "data-base", "migrate", "-n", "x")

    assert ["data-base migrate"] * 2 == [event["tags"]["command"] for event in done.events()]
    assert [{"options": ["--dry-run"]}] * 2 == [event["contexts"]["command"] for event in done.events()]


def test_a_subcommand_of_the_users_stays_nameless(run: Run) -> None:
    """A command that somebody else's file has added to the tool is told as external code is."""
    pytest.importorskip("click")
    done = run(CLICK.format(ends="pass", how=""), "secret")

    assert done.event["tags"]["command"] == "<external>"
    assert "secret" not in done.files()[0].read_text()


HOSTS = {
    "argparse": """
import argparse
parser = argparse.ArgumentParser()
add_telemetry_level(parser, app="demo")
parser.add_argument("--password")
parser.add_argument("--dry-run", action="store_true")
parser.set_defaults(function=sync)
below = parser.add_subparsers()
below.add_parser("sync").set_defaults(function=sync)
for name in configured: below.add_parser(name).set_defaults(function=sync)
plugin.add_to_parser(parser, below)
parser.parse_args().function()
""",
    "click": """
import click
@click.group(invoke_without_command=True)
@click.option("--password")
@click.option("--dry-run", is_flag=True)
@click.pass_context
def main(context, password, dry_run):
    if context.invoked_subcommand is None: sync()
main.command("sync")(sync)
for name in configured: main.command(name)(sync)
plugin.add_to_click(main)
main(standalone_mode=False)
""",
}
HOST = """
import json, sys
import crashguard
from crashguard.integrations.argparse import add_telemetry_level
sys.path.append("plugins")
crashguard.install(app="demo", version="1", delivery="deferred", note=False)
import acme_plugin as plugin
configured = json.load(open("names.json"))
def sync(): raise ValueError("lost")
"""
PLUGIN = """
def fail(tannenhof_account=None): raise ValueError("lost")
def add_to_parser(parser, below):
    parser.add_argument("--tannenhof-account")
    below.add_parser("acme-invoices").set_defaults(function=fail)
def add_to_click(main):
    import click
    main.params.append(click.Option(["--tannenhof-account"], expose_value=False))
    main.command("acme-invoices")(click.option("--tannenhof-street")(lambda tannenhof_street: fail()))
"""


@pytest.mark.parametrize("parser", HOSTS)
@pytest.mark.parametrize(
    ("typed", "command", "options"),
    [
        (("--dry-run", "sync"), "sync", ["--dry-run"]),
        (("--password", "x", "--dry-run", "sync"), "sync", ["--password", "--dry-run"]),
        (("--tannenhof-account", "7", "--dry-run", "sync"), "sync", ["--dry-run", "<external>"]),
        (("acme-invoices",), "<external>", None),
        (("pay-marta-ruiz",), "<external>", None),
    ],
)
def test_only_names_that_the_tool_has_written_are_told(
    run: Run, tmp_path: Path, parser: str, typed: tuple[str, ...], command: str, options: list[str] | None
) -> None:
    """A host's plugin adds options and commands, and a configuration names some: they are somebody else's."""
    pytest.importorskip("click")
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins/acme_plugin.py").write_text(PLUGIN)
    (tmp_path / "names.json").write_text('["pay-marta-ruiz"]')
    done = run(HOST + HOSTS[parser], *typed)

    told = done.event["contexts"].get("command", {}).get("options")
    assert command == done.event["tags"]["command"]
    assert sorted(options or ()) == sorted(told or ())
    for private in ("tannenhof", "acme", "marta"):
        assert private not in done.files()[0].read_text()
