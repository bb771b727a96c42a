"""Our commands in a tool that PyInstaller has packed, mounted and by `TOOL --crashguard`: each works, or says why not."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import component
from tests.test_outside_own_code import build, site

pytestmark = pytest.mark.slow  # PyInstaller needs a minute

TOOL = """
import argparse
import sys

import crashguard
from crashguard.integrations.argparse import add_telemetry_commands, add_telemetry_level

crashguard.install(app="packed", version="1.2.3", issue_url="https://github.com/acme/packed/issues/new")
print("the tool starts", *sys.argv[1:])
parser = argparse.ArgumentParser()
add_telemetry_level(parser, app="packed")
commands = parser.add_subparsers(dest="what", required=True)
commands.add_parser("fail")
add_telemetry_commands(commands, app="packed")
parser.parse_args()
raise ValueError("lost")
"""
SPEC = """
a = Analysis(["packed.py"], excludes=["cryptography", "rich", "tkinter", "sentry_sdk.integrations"])
pyz = PYZ(a.pure)
COLLECT(EXE(pyz, a.scripts, exclude_binaries=True, name="packed", console=True), a.binaries, a.datas, name="packed")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the packagers are installed for Linux")
@pytest.mark.timeout(600)
def test_each_command_works_in_a_packed_tool_or_says_why_not(home: Path, tmp_path: Path) -> None:
    """No command starts the tool once more; the page is in the bundle; what needs an interpreter says so."""
    component("CRASHGUARD_PACKAGERS_BIN")
    site()
    (tmp_path / "packed.py").write_text(TOOL)
    (tmp_path / "packed.spec").write_text(SPEC)
    build(tmp_path, "pyinstaller", "--log-level", "ERROR", "packed.spec")
    packed = tmp_path / "dist/packed/packed"
    home.mkdir(exist_ok=True)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(packed), *arguments],
            env={"HOME": str(home), "PATH": os.environ["PATH"]},
            cwd=home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    failed = run("fail")
    assert re.search(r"See it: \S*packed telemetry show [0-9a-f]{8}", failed.stderr)

    for begin in (["telemetry"], ["--crashguard"]):
        for command, said in (
            (["show"], "ValueError: lost"),
            (["list", "--json"], "packed@1.2.3"),
            (["status"], "1 local"),
            (["issue"], "https://github.com/acme/packed/issues?q=crash"),
            (["show", "--html"], "<!DOCTYPE html>"),
            (["comment", "it was late", "--yes"], "Added. See it: "),
            (
                ["docs", "telemetry-page", *(["--app", "packed"] if "--crashguard" in begin else [])],
                "PACKED_",
            ),
        ):
            done = run(*begin, *command)
            is_told = command[:3] == ["docs", "telemetry-page", "--app"]  # what the page cannot know
            assert (done.returncode, bool(done.stderr)) == (0, is_told), (command, done.stderr)
            assert said in done.stdout

    (tmp_path / "other.py").write_text("print('other')\n")
    for command in (["demo"], ["run", str(tmp_path / "other.py")]):
        done = run("--crashguard", *command)
        assert done.returncode == 1
        assert done.stderr == "Error: packed holds no Python interpreter that could run another program\n"
        assert "the tool starts" not in done.stdout
    doctor = run("--crashguard", "doctor")
    assert (doctor.returncode, doctor.stderr) == (0, "")
    assert re.search(
        r"^- +test report +not made: packed holds no Python interpreter", doctor.stdout, re.MULTILINE
    )
