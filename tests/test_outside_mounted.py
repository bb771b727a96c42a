"""A tool whose author mounted our commands as its own: a wheel in a fresh environment, by argparse, click and Typer."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests import outside

pytestmark = pytest.mark.timeout(600)  # pip builds an environment first

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
    assert f"{name} telemetry list` shows the ids" in telemetry("show", "ffffffff", status=1)
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
@pytest.mark.parametrize("words", [["fail"], ["--help"], ["telemetry", "status"]])
def test_the_notice_names_the_tools_own_command(home: Path, name: str, words: list[str]) -> None:
    """Though the tool mounts it after its install(); once, and before the note of a crash."""
    tool = outside.tool(home, CRASHGUARD_DSN="http://key@127.0.0.1:9/1")
    shown = tool.on_a_terminal(*words, command=name)

    assert 1 == shown.count("This is said once.")
    assert re.search(rf"Say no: [A-Z_]+=none, or\s`\S*{name} telemetry level none`", shown)
    if words == ["fail"]:
        assert shown.index("This is said once.") < shown.index("crashed. ")
    assert "This is said once." not in tool.on_a_terminal(*words, command=name)


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
def test_the_telemetry_level_counts_in_them(home: Path, name: str) -> None:
    """Before, between and after their names: with a no `send` sends nothing. A wrong value is a usage error."""
    tool = outside.tool(home, CRASHGUARD_DSN="http://key@127.0.0.1:9/1")
    flag = ("--telemetry-level", "none")
    for words in (("list",), ("status",), ("level",), ("docs", "telemetry-page")):
        tool.run("fail", command=name)
        for place in range(len(words) + 1):
            done = tool.run("telemetry", *words[:place], *flag, *words[place:], command=name)
            assert (done.returncode, done.stderr) == (0, "")
    assert "none (--telemetry-level)" in tool.run("telemetry", "status", *flag, command=name).stdout
    tool.run("fail", command=name)
    sent = tool.run("telemetry", "send", *flag, command=name)
    assert "not sent to" not in sent.stdout
    wrong = tool.run("telemetry", "list", "--json", "--telemetry-level=some", command=name)
    assert wrong.returncode == 2
    assert "'some' is not a telemetry level" in json.loads(wrong.stdout)["error"]


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
def test_what_the_commands_name_can_be_pasted(home: Path, name: str) -> None:
    """However the tool was started: a parser knows only the name of its file, which no shell would find."""
    tool = outside.tool(home)
    script = next(tool.bin.parent.rglob(f"{name.replace('-', '_')}.py"))
    main = home / "script.py"
    home.mkdir(exist_ok=True)
    main.write_text(script.read_text() + "\n\nmain()\n")
    tool.run(str(main), "fail", command="python")

    shown = tool.run(str(main), "telemetry", "show", command="python").stdout
    missing = tool.run(str(main), "telemetry", "show", "ffffffff", command="python").stderr

    [typed] = re.findall(r"(?:What is in its file|What would leave) .*:\n  (.*)", shown)
    [offered] = re.findall(r"`(.* list)` shows the ids", missing)
    for pasted in (typed, offered):
        done = subprocess.run(
            pasted, shell=True, cwd=home, env={"HOME": str(home), "PATH": os.environ["PATH"]}, check=False
        )
        assert done.returncode == 0, pasted


def completed(tool: outside.Tool, words: str, name: str) -> list[str]:
    """What bash is offered after Tab."""
    if name == "mounted-argparse":
        script = f"exec {tool.bin / name} 8>&1 9>&2"
        more = {"_ARGCOMPLETE": "1", "COMP_LINE": words, "COMP_POINT": str(len(words)), "COMP_TYPE": "9"}
        done = subprocess.run(
            ["bash", "-c", script],
            env={"HOME": str(tool.home), "PATH": os.environ["PATH"], **more},
            capture_output=True,
            text=True,
            check=False,
        )
        return [each.strip() for each in done.stdout.split("\v")]
    count = len(words.split()) - (not words.endswith(" "))
    variable, value = f"_{name.upper().replace('-', '_')}_COMPLETE", "bash_complete"
    more = {variable: value if name == "mounted-click" else "complete_bash"}
    done = tool.run(command=name, COMP_WORDS=words, COMP_CWORD=str(count), **more)
    return [each.removeprefix("plain,") for each in done.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
def test_the_tools_own_completion_knows_them(home: Path, name: str) -> None:
    """A shell offers the commands, options, values, and the ids of this tool's reports; it runs none of them."""
    tool = outside.tool(home)
    [known] = re.findall(r"show ([0-9a-f]{8})", tool.run("fail", command=name).stderr)[:1]
    [others] = re.findall(r"report, ([0-9a-f]{8})", tool.run("first").stderr)[:1] or ["never"]

    for words, offered in (
        ("", "telemetry"),
        ("telemetry ", "status"),
        ("telemetry sh", "show"),
        ("telemetry show ", known),
        ("telemetry level n", "none"),
        ("telemetry purge --yes ", known),
        # argcomplete asks nobody about a word that begins like an option
        *([] if name == "mounted-argparse" else [("telemetry show --mark", "--markdown")]),
    ):
        found = completed(tool, f"{name} {words}", name)
        assert offered in found, (words, found)
        assert others not in found


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
def test_a_start_of_the_tool_does_not_pay_for_them(home: Path, name: str) -> None:
    """The commands are imported when one of them is typed."""
    tool = outside.tool(home)

    done = tool.run("--help", command=name, PYTHONPROFILEIMPORTTIME="1")

    assert done.returncode == 0
    assert "crashguard.client" in done.stderr
    assert not re.search(r"crashguard\.cli\b", done.stderr)
