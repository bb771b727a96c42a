"""A tool whose author mounted our commands as its own: a wheel in a fresh environment, by argparse, click and Typer."""

import json
import re
from pathlib import Path

import pytest

from tests import outside

TOOLS = ("mounted-argparse", "mounted-click", "mounted-typer")


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
def test_the_note_names_the_tools_own_commands_and_they_work(home: Path, name: str) -> None:
    """What the note says can be typed; list, show, issue, level, purge and status are about this tool alone."""
    tool = outside.tool(home)
    assert tool.run("ok").returncode == 0
    failed = tool.run("fail", command=name)

    assert failed.returncode == 1
    [known] = re.findall(rf"See it: \S*{name} telemetry show ([0-9a-f]{{8}})", failed.stderr)
    assert re.search(rf"Report it: \S*{name} telemetry issue {known}", failed.stderr)

    def telemetry(*arguments: str, status: int = 0) -> str:
        done = tool.run("telemetry", *arguments, command=name)
        assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
        return done.stdout + done.stderr

    assert telemetry("show", known).startswith("ValueError: lost\n")
    assert f"{name} telemetry show {known} --json" in telemetry("show")
    [listed] = json.loads(telemetry("list", "--json"))
    assert listed["app"] == name
    assert "https://example.com/a/b/issues?q=crash" in telemetry("issue")
    assert set(json.loads(telemetry("status", "--json"))["apps"]) == {name}
    assert f"`{name} telemetry list` shows the ids" in telemetry("show", "ffffffff", status=1)
    assert "No such command 'lost'" in telemetry("lost", status=2)
    told = telemetry("--help")
    assert f"Usage: {name} telemetry [OPTIONS] COMMAND" in told
    assert "crashguard" not in told
    assert f"{name} telemetry level none" in telemetry("level", "--help")
    assert "--app" not in telemetry("purge", "--help")
    assert telemetry("purge", "--yes") == "1 report deleted.\n"
    assert f"Saved: none, for {name}" in telemetry("level", "none")
    assert "crashed." not in tool.run("fail", command=name).stderr
    assert "telemetry" in tool.run("--help", command=name).stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
def test_a_start_of_the_tool_does_not_pay_for_them(home: Path, name: str) -> None:
    """The commands are imported when one of them is typed."""
    tool = outside.tool(home)

    done = tool.run("--help", command=name, PYTHONPROFILEIMPORTTIME="1")

    assert done.returncode == 0
    assert "crashguard.client" in done.stderr
    assert not re.search(r"crashguard\.cli\b", done.stderr)
