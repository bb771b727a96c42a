"""A tool's page about telemetry for its users; `python -m tests.test_telemetry_page` writes CloudQuery's part anew."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from crashguard import telemetry_level
from crashguard.cli import telemetry_page
from crashguard.cli.main import crashguard as command
from tests import outside
from tests.conftest import ROOT, Run
from tests.servers import Server

PAGE = ROOT / "docs/telemetry.md"
CLOUDQUERY = telemetry_page.Tool(
    app="cloudquery",
    variables=telemetry_level.variables("cloudquery", None),
    controller="CloudQuery, the vendor of the tool",
    contact="the address in the privacy policy of the vendor",
    dsn="",
)


def printed(*arguments: str) -> str:
    done = CliRunner().invoke(command, ["docs", "telemetry-page", *arguments], prog_name="crashguard")
    assert done.exit_code == 0, done.output
    # The page may be published, so what it cannot know is said beside it.
    assert ("As a command of the tool itself" in done.stderr) == ("--app" in arguments)
    return done.stdout


def test_the_page_of_this_package_is_that_of_cloudquery() -> None:
    """docs/telemetry.md is what the command makes for CloudQuery, by its settings."""
    made = telemetry_page.page(CLOUDQUERY)
    page = PAGE.read_text()
    marked = re.sub(r"(?<=<!-- about -->\n)(.*?)(?=<!-- end:about -->\n)", "", page, flags=re.DOTALL)

    assert telemetry_page.about(CLOUDQUERY) in page, "run: python -m tests.test_telemetry_page"
    assert made.replace(telemetry_page.about(CLOUDQUERY), "") == re.sub(
        r"<!-- about -->\n<!-- end:about -->\n", "", marked
    )


def test_a_tools_page_has_its_names_and_no_other(home: Path) -> None:
    """Variable, default, destination, controller and contact are the tool's; nothing is left of CloudQuery."""
    text = printed(
        *("--app", "mytool", "--controller", "Acme Ltd", "--contact", "privacy@acme.example"),
        *("--dsn", "https://secretkey@errors.acme.example/7"),
    )

    assert not re.search(r"cloudquery|CQ_|premium|<!--|\.md\)", text, re.IGNORECASE)
    assert "`MYTOOL_TELEMETRY_LEVEL=none`" in text
    assert "| who is responsible for the data | Acme Ltd |" in text
    assert "send this id to privacy@acme.example" in text
    assert "`https://errors.acme.example/7`" in text
    assert "secretkey" not in text
    of_stats = re.compile(r"<!-- only:stats -->.*?<!-- end:stats -->", re.DOTALL)
    rows = re.findall(r"^\| `([a-z_.]+)`", of_stats.sub("", PAGE.read_text()), re.MULTILINE)
    assert [row for row in rows if f"| `{row}`" not in text] == []


MOUNTED = """
import click
import crashguard
from crashguard import stats
from crashguard.integrations import click as ours

crashguard.install(app="mytool", version="1.0.0")
stats.configure(url="https://events.acme.example/x", write_key="key")
stats.Event("export_finished", why="which formats count", fields={"format": ("csv", "json"), "rows": int})
stats.Event("paid", why="who | pays", fields={"yearly": bool}, identifiable=True)

@click.group()
def mytool():
    pass

mytool.add_command(ours.telemetry_commands(app="mytool"))
mytool()
"""


def test_the_page_of_a_tool_lists_its_own_events(run: Run) -> None:
    """As the tool's own command it knows what the tool declared, and where stats go."""
    done = run(MOUNTED, "telemetry", "docs", "telemetry-page")

    assert (0, "") == (done.status, done.stderr)
    assert "| where stats go | `events.acme.example` |" in done.stdout
    own = "`format` (one of csv, json, other), `rows` (a number): which formats count"
    assert f"| `export_finished` (anonymous) | {own} |" in done.stdout
    assert "| `paid` (about the user who is logged in) | `yearly` (yes or no): who pays |" in done.stdout


SAVED = """
import crashguard
import argparse
from crashguard.integrations.argparse import add_telemetry_commands

crashguard.install(app="mytool", version="1.0.0", default_level="errors", source_lines=False)
parser = argparse.ArgumentParser(prog="mytool")
add_telemetry_commands(parser.add_subparsers(), app="mytool")
parser.parse_args()
"""


# Options of the command `crashguard`, of the tool itself, and an example in the table of fields.
NOT_OF_THE_TOOL = {"--machine", "--final", "--telemetry-level", "--no-sentry", "--dry-run"}


@pytest.mark.slow
def test_what_the_page_of_a_tool_says_holds_of_its_commands(run: Run, home: Path) -> None:
    """Each command can be typed; a choice is for the tool alone, in the file that the page names; sources have no gap."""
    page = run(SAVED, "telemetry", "docs", "telemetry-page").stdout

    typed = set(re.findall(r"`mytool telemetry ([^`]+)`", page))
    assert {"status", "level none", "show", "purge"} <= typed
    for words in typed:
        assert run(SAVED, "telemetry", *words.split(), "--help").status == 0, words
    helps = "".join(run(SAVED, "telemetry", words.split()[0], "--help").stdout for words in typed)
    for option in set(re.findall(r"`(?:[^`]* )?(--[a-z-]+)", page)) - NOT_OF_THE_TOOL:
        assert option in helps, option
    assert "`crashguard level none --machine`" in page
    assert re.findall(r"`crashguard (?!level none --machine)", page) == []
    assert "`mytool telemetry level none` from now on, for mytool." in page
    assert run(SAVED, "telemetry", "level", "none").status == 0
    [file] = re.findall(r"^\| Linux \| \S+ \| `~/(.*)` \|$", page, re.MULTILINE)
    assert (home / file).read_text().startswith("none ")
    assert [int(number) for number in re.findall(r"^\| (\d) \|", page, re.MULTILINE)] == list(range(1, 7))
    assert "| 6 | default | `errors` |" in page
    assert "context_line" not in page
    assert not re.search(r"\bAPP\b", page)
    assert "(docs/messages.md of crashguard)" in page
    assert "<!--" not in page
    assert "It stays on your machine, where `mytool telemetry purge` deletes it." in page
    assert "server, send" not in page  # there is none
    assert "login_success" not in page  # nor one for stats
    assert "This tool names none, so it records no stats." in page


SENT = """
import argparse, os
import crashguard
from crashguard.integrations.argparse import add_telemetry_commands

crashguard.install(app="mytool", version="1.0.0", dsn=os.environ["TOOLS_DSN"], delivery="inline")
parser = argparse.ArgumentParser(prog="mytool")
commands = parser.add_subparsers()
commands.add_parser("crash")
add_telemetry_commands(commands, app="mytool")
parser.parse_args()
raise ValueError("lost")
"""


def test_by_what_the_page_says_a_sent_report_is_found(run: Run) -> None:
    """The command that the page names prints the id by which the server knows a report."""
    with Server() as server:
        env = {"TOOLS_DSN": server.dsn}
        run(SENT, "crash", env=env)
        page = run(SENT, "telemetry", "docs", "telemetry-page", env=env).stdout
        shown = run(SENT, "telemetry", "show", env=env).stdout

    assert "`mytool telemetry show` the whole id of a report" in page
    [event] = server.events
    assert event["event_id"] in shown


def test_texts_of_a_tool_break_no_table(home: Path) -> None:
    """A controller with bars, lines and tags is one harmless cell."""
    text = printed("--app", "mytool", "--controller", "A | B\n<script>`x`", "--contact", "[a](b)")

    assert "| who is responsible for the data | A B scriptx |" in text
    assert "| where to ask | a(b) |" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--app", "../x"], "an app's name has letters"),
        (["--app", "mytool", "--dsn", "https://nobody"], "is not a DSN"),
        ([], "--app"),
    ],
)
def test_what_is_not_valid_is_a_clear_error(home: Path, arguments: list[str], said: str) -> None:
    """Wrong usage has status 2 and names what was wrong."""
    done = CliRunner().invoke(command, ["docs", "telemetry-page", *arguments])

    assert (done.exit_code, said in done.output) == (2, True), done.output


@pytest.mark.slow
def test_a_tool_prints_its_page_by_its_own_command(home: Path) -> None:
    """Mounted, it knows what install() was given, and names the tool's commands only."""
    tool = outside.tool(home)

    done = tool.run("telemetry", "docs", "telemetry-page", command="mounted-argparse")

    assert done.returncode == 0, done.stderr
    assert "`mounted-argparse telemetry level none`" in done.stdout
    assert re.findall(r"`crashguard [^`]*`", done.stdout) == ["`crashguard level none --machine`"]
    assert "<https://example.com/a/b/issues/new>" in done.stdout
    assert "MOUNTED_ARGPARSE_TELEMETRY_LEVEL" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mounted-click", "mounted-typer"])
def test_the_page_of_an_installed_tool_has_its_settings(home: Path, name: str) -> None:
    """Nothing has crashed: the settings are those that the module of its command gives to install()."""
    tool = outside.tool(home)

    done = tool.run("docs", "telemetry-page", "--app", name, command="crashguard")

    assert (0, "") == (done.returncode, done.stderr)
    assert f"`{name} telemetry level none`" in done.stdout
    assert "<https://example.com/a/b/issues/new>" in done.stdout
    assert "This tool names none, so it records no stats." in done.stdout


@pytest.mark.slow
def test_a_tool_that_cannot_be_imported_has_the_page_without_its_settings(home: Path) -> None:
    """What it printed is no part of the page, and what was wrong is said beside it."""
    tool = outside.tool(home)
    module = home / "broken.py"
    module.write_text("print('words')\nraise SystemExit('no display')\n")
    metadata = home / "broken-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[console_scripts]\nbroken = broken:main\n")

    page = ("docs", "telemetry-page", "--app", "broken")
    done = tool.run(*page, command="crashguard", PYTHONPATH=str(home))

    assert done.returncode == 0
    assert "broken could not be imported: SystemExit: no display" in done.stderr
    assert "nothing is known here" in done.stderr
    assert done.stdout.startswith("# ")
    assert "words\n" not in done.stdout
    assert "`BROKEN_TELEMETRY_LEVEL=none`" in done.stdout


if __name__ == "__main__":
    begin, end = "<!-- about -->\n", "<!-- end:about -->\n"
    before, _, rest = PAGE.read_text().partition(begin)
    PAGE.write_text(f"{before}{begin}{telemetry_page.about(CLOUDQUERY)}{end}{rest.partition(end)[2]}")
