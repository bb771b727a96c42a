"""`--telemetry-level` by one line on the outermost parser: a wheel in a fresh environment, by argparse, click and Typer."""

import re
from pathlib import Path

import pytest

from tests import outside

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # pip builds an environment first

TOOLS = ("once-argparse", "once-click", "once-typer")


def recorded(tool: outside.Tool, *arguments: str, command: str, **more: str) -> str | None:
    """The telemetry level and its source in the report of a crash; None where nothing was recorded."""
    failed = tool.run(*arguments, command=command, **more)
    assert failed.returncode == 1, failed.stderr
    assert "lost" in failed.stderr
    known = re.search(r"See it: .* show ([0-9a-f]{8})", failed.stderr)
    if known is None:
        assert "crashed." not in failed.stderr
        return None
    shown = tool.run("show", known[1], command="crashguard").stdout
    assert re.search(r"^    File \"outside_tool/once_\w+\.py\"|  File \"outside_tool/", shown, re.MULTILINE)
    return re.findall(r"under telemetry level (.*)", shown)[0]


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize("equals", [True, False])
def test_it_counts_at_every_place(home: Path, name: str, equals: bool) -> None:
    """Before, between and after subcommands a no records nothing, and a yes wins over a variable that says no."""
    tool = outside.tool(home)
    no = f"{name.upper().replace('-', '_')}_TELEMETRY_LEVEL"

    def flag(value: str) -> list[str]:
        return [f"--telemetry-level={value}"] if equals else ["--telemetry-level", value]

    for place in range(3):
        words = ["db", "fail"]
        assert recorded(tool, *words[:place], *flag("none"), *words[place:], command=name) is None
        said = recorded(tool, *words[:place], *flag("errors"), *words[place:], command=name, **{no: "none"})
        assert said == "errors (--telemetry-level)"
    assert recorded(tool, "db", "fail", command=name) == "all (default)"
    assert recorded(tool, "db", "fail", command=name, **{no: "none"}) is None
    assert recorded(tool, "db", "fail", command=name, **{no: "errors"}) == f"errors ({no})"


@pytest.mark.parametrize("name", TOOLS)
def test_of_several_places_the_lowest_counts(home: Path, name: str) -> None:
    """In every order, also where the subcommand has the option itself and only the group calls install()."""
    tool = outside.tool(home)
    flag = "--telemetry-level"

    for last in ("fail", "own"):
        for first, second in (("all", "none"), ("none", "all"), ("errors", "stats"), ("stats", "all")):
            assert recorded(tool, flag, first, "db", last, flag, second, command=name) is None
            assert recorded(tool, "db", flag, first, last, flag, second, command=name) is None
            assert recorded(tool, flag, first, "db", flag, second, last, command=name) is None
        for first, second in (("all", "errors"), ("errors", "all")):
            said = recorded(tool, flag, first, "db", last, flag, second, command=name)
            assert said is not None
            assert said.startswith("errors (--telemetry-level")
        assert recorded(tool, flag, "all", "db", last, command=name) == "all (--telemetry-level)"
        assert (
            recorded(tool, flag, "none", flag, "all", "db", last, command=name) == "all (--telemetry-level)"
        )


@pytest.mark.parametrize("name", TOOLS)
def test_a_no_at_one_of_two_places_leaves_nothing_on_disk(home: Path, name: str) -> None:
    """Not even an empty folder, whatever stands at the other place."""
    tool = outside.tool(home)
    flag = "--telemetry-level"

    for first, second in (("all", "none"), ("none", "all"), ("stats", "errors")):
        assert recorded(tool, flag, first, "db", "fail", flag, second, command=name) is None
        assert [] == list(home.rglob("*"))


@pytest.mark.parametrize("command", ["clicked", "typed"])
def test_what_a_subcommand_hands_over_is_the_lowest(home: Path, command: str) -> None:
    """A subcommand that calls install() with its own value does not take a no of its group back."""
    tool = outside.tool(home)
    flag = "--telemetry-level"

    for first, second in (("all", "none"), ("none", "all")):
        assert "crashed." not in tool.run(flag, first, "do", flag, second, "first", command=command).stderr
    assert "crashed." in tool.run(flag, "all", "do", flag, "all", "first", command=command).stderr


@pytest.mark.parametrize("name", TOOLS)
def test_a_wrong_value_is_one_message_at_every_place(home: Path, name: str) -> None:
    """Status 2, the four choices, and no traceback; also by the variable."""
    tool = outside.tool(home)
    for place in range(3):
        words = ["db", "fail"]
        done = tool.run(*words[:place], "--telemetry-level", "some", *words[place:], command=name)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
        said = " ".join(done.stderr.replace("\u2502", "").split())
        assert "'some' is not a telemetry level; choose one of none, stats, errors, all" in said


@pytest.mark.parametrize("name", TOOLS)
def test_only_the_outermost_help_shows_it(home: Path, name: str) -> None:
    """A subcommand's help is as long as it was."""
    tool = outside.tool(home)

    assert "--telemetry-level" in tool.run("--help", command=name).stdout
    assert "--telemetry-level" not in tool.run("db", "fail", "--help", command=name).stdout


@pytest.mark.parametrize("name", ["once-click", "once-typer"])
def test_the_options_of_another_program_are_its_own(home: Path, name: str) -> None:
    """A subcommand that hands its arguments on hands on this option too."""
    tool = outside.tool(home)

    done = tool.run("exec", "program", "--telemetry-level", "loud", command=name)

    assert done.stdout == "program --telemetry-level loud\n"
