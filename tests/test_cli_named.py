"""The commands that the command names: each can be pasted into a shell, however this one was started."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run

CRASH = (
    "import crashguard\ncrashguard.install(app='demo', version='1', note=False)\nraise ValueError('lost')\n"
)


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An environment with crashguard, in a folder with a blank in its name, which is not on PATH."""
    folder = tmp_path / "my tools/bin"
    folder.mkdir(parents=True)
    (folder.parent / "pyvenv.cfg").write_text(f"home = {os.path.dirname(os.path.realpath(sys.executable))}\n")
    (folder / "python").symlink_to(sys.executable)
    script = folder / "crashguard"
    paths = [str(ROOT), *sys.path]
    script.write_text(
        f'#!/bin/sh\n"exec" "{folder}/python" "$0" "$@"\n'
        f"import sys\nsys.path[:0] = {paths!r}\nfrom crashguard.cli.main import main\nmain()\n"
    )
    script.chmod(0o700)
    return folder / "python"


@pytest.mark.parametrize("start", ["script", "module"])
def test_a_named_command_can_be_pasted(run: Run, home: Path, python: Path, start: str) -> None:
    """By a shell of this person, whose PATH has another Python and no crashguard."""
    run(CRASH)
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [str(python.parent / "crashguard")] if start == "script" else [str(python), "-m", "crashguard"]

    def typed(*words: str) -> str:
        done = subprocess.run([*command, *words], env=env, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    named = re.findall(r"^  (.*) show [0-9a-f]{8} --json$", typed("show"), re.MULTILINE)
    named += re.findall(r"`(.*) list`", typed("show", "ffffffff"))

    assert len(named) == 2
    for each in named:
        pasted = f"{each} status"
        done = subprocess.run(
            pasted, shell=True, cwd=home, env=env, capture_output=True, text=True, check=False
        )
        assert done.stdout.startswith("telemetry level"), (pasted, done.stderr)
