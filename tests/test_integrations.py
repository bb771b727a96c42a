"""`--telemetry-level` by argparse and by click: one line each, one message for a wrong value."""

import argparse
from collections.abc import Callable

import pytest

from crashguard.integrations.argparse import add_telemetry_level
from tests.conftest import Finished, Run, component

ARGPARSE = """
import argparse
from crashguard.integrations.argparse import add_telemetry_level
parser = argparse.ArgumentParser(prog="tool")
add_telemetry_level(parser, app="tool")
sub = parser.add_subparsers().add_parser("go")
print(parser.parse_args().telemetry_level)
"""
CLICK = """
import click
from crashguard.integrations.click import telemetry_level_option
@click.group(invoke_without_command=True)
@telemetry_level_option(app="tool")
def tool(telemetry_level): print(telemetry_level)
@tool.command()
def go(): pass
tool()
"""

Tool = Callable[..., Finished]


@pytest.fixture(params=[ARGPARSE, CLICK], ids=["argparse", "click"])
def tool(request: pytest.FixtureRequest, run: Run) -> Tool:
    def tool(*arguments: str, **env: str) -> Finished:
        return run(request.param, *arguments, env=env)

    return tool


def test_the_value_is_what_the_user_gave(tool: Tool) -> None:
    """The flag's value, or None: the environment is the resolver's to read."""
    assert ["errors\n", "None\n", "None\n", "none\n"] == [
        tool("--telemetry-level", "errors").stdout,
        tool().stdout,
        tool(TOOL_TELEMETRY_LEVEL="stats").stdout,
        tool("--telemetry-level", "stats", "--telemetry-level=none", "go").stdout,
    ]


@pytest.mark.parametrize(
    ("arguments", "env", "source"),
    [
        (("--telemetry-level", "off"), {}, "--telemetry-level: 'off'"),
        (("--telemetry-level", ""), {}, "--telemetry-level: ''"),
        ((), {"TOOL_TELEMETRY_LEVEL": "NONE"}, "TOOL_TELEMETRY_LEVEL: 'NONE'"),
        (("go",), {"TOOL_TELEMETRY_LEVEL": "NONE"}, "TOOL_TELEMETRY_LEVEL: 'NONE'"),
    ],
)
def test_a_wrong_value_is_exit_status_2(
    tool: Tool, arguments: tuple[str, ...], env: dict[str, str], source: str
) -> None:
    """From the flag or from the environment: status 2, the source, the four choices, no traceback."""
    done = tool(*arguments, **env)

    assert (2, "") == (done.status, done.stdout)
    told = " ".join(done.stderr.split())
    assert f"rror: {source} is not a telemetry level; choose one of none, stats, errors, all" in told
    assert "Traceback" not in told


def test_a_valid_flag_overrides_a_wrong_variable(tool: Tool) -> None:
    """The flag decides, so what the variable holds does not matter."""
    assert (0, "all\n") == (
        (done := tool("--telemetry-level", "all", TOOL_TELEMETRY_LEVEL="NONE")).status,
        done.stdout,
    )


def test_help_tells_choices_default_and_variable(tool: Tool) -> None:
    """--help works with a wrong variable too, and says everything."""
    done = tool("--help", TOOL_TELEMETRY_LEVEL="NONE")

    told = " ".join(done.stdout.split())
    assert 0 == done.status
    for part in (
        "--telemetry-level",
        "none",
        "stats",
        "errors",
        "all",
        "default: all",
        "TOOL_TELEMETRY_LEVEL",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("db migrate", None),
        ("--telemetry-level none db migrate", "none"),
        ("db --telemetry-level none migrate", "none"),
        ("db migrate --telemetry-level=none", "none"),
        ("--telemetry-level none db migrate x", "none"),
    ],
)
def test_argparse_takes_the_option_before_and_after_subcommands(line: str, given: str | None) -> None:
    """Subparsers that are made after the one line take it too, at every depth, and their help stays theirs."""
    parser = argparse.ArgumentParser(prog="demo")
    add_telemetry_level(parser, app="demo")
    migrate = parser.add_subparsers().add_parser("db").add_subparsers().add_parser("migrate")
    migrate.add_argument("name", nargs="?")

    assert parser.parse_args(line.split()).telemetry_level == given
    assert parser.parse_args(line.split()).telemetry_level == given
    assert "--telemetry-level" not in migrate.format_help()


def test_a_wrong_level_after_a_subcommand_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2 and the four choices, as before the subcommand."""
    parser = argparse.ArgumentParser(prog="demo")
    add_telemetry_level(parser, app="demo")
    parser.add_subparsers().add_parser("sync")

    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["sync", "--telemetry-level", "loud"])

    assert ended.value.code == 2
    assert "choose one of none, stats, errors, all" in capsys.readouterr().err


TYPER = """
from typing import Annotated, Optional
import crashguard, typer
from crashguard.integrations.typer import telemetry_level_option
crashguard.install(app="tool", version="1", default_level="none", env_var="ACME_LEVEL")
tool = typer.Typer()
@tool.callback()
def main({parameter}): print(level)
@tool.command()
def go(): pass
tool()
"""
STYLES = {
    "a default": 'level: Optional[str] = telemetry_level_option(app="tool")',
    "Annotated": 'level: Annotated[Optional[str], telemetry_level_option(app="tool")] = None',
    "Annotated alone": 'level: Annotated[Optional[str], telemetry_level_option(app="tool")]',
}


@pytest.mark.parametrize("style", STYLES)
def test_typers_option_stands_in_either_style(run: Run, style: str) -> None:
    """As the default of a parameter, and in `Annotated`, with None behind it or nothing."""
    python, program = component("CRASHGUARD_FRAMEWORKS_PYTHON"), TYPER.format(parameter=STYLES[style])

    assert "None\n" == run(program, "go", python=python).stdout
    assert "stats\n" == run(program, "--telemetry-level", "stats", "go", python=python).stdout
    wrong = run(program, "--telemetry-level", "some", "go", python=python)
    assert (2, "") == (wrong.status, wrong.stdout)


def test_typers_help_shows_what_install_has_said(run: Run) -> None:
    """rich takes brackets for its own; and the default and the variable need not be said twice."""
    python, program = component("CRASHGUARD_FRAMEWORKS_PYTHON"), TYPER.format(parameter=STYLES["Annotated"])
    shown = run(program, "--help", python=python, env={"COLUMNS": "200"}).stdout

    assert "(default: none; environment variable: ACME_LEVEL)" in " ".join(shown.replace("│", " ").split())


def test_help_shows_what_install_has_said(run: Run) -> None:
    """The same for argparse; another tool's option has its own."""
    install = 'import crashguard\ncrashguard.install(app="tool", version="1", default_level="none", env_var="ACME_LEVEL")\n'
    env = {"COLUMNS": "200"}

    assert (
        "(default: none; environment variable: ACME_LEVEL)"
        in run(install + ARGPARSE, "--help", env=env).stdout
    )
    assert (
        "(default: all; environment variable: TOOL_TELEMETRY_LEVEL)"
        in run(ARGPARSE, "--help", env=env).stdout
    )
