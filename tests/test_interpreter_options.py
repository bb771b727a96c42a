"""Options of the interpreter: a report is made under each of them, and the program's output is as without crashguard."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import PROGRAMS, ROOT, Finished

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
sys.path[1:1] = {path}
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)

class Falls:
    def __del__(self): raise LookupError("deleted")

def fails(): raise ValueError("handled")

try:
    fails()
except ValueError as exc:
    crashguard.capture_exception(exc)
Falls()
raise KeyError("end")
"""
OPTIONS = [
    ["-X", "importtime"],
    ["-X", "dev"],
    ["-X", "frozen_modules=off"],
    ["-X", "no_debug_ranges"],
    ["-X", "tracemalloc"],
    ["-X", "faulthandler"],
    ["-W", "error"],
    ["-I", "-S", "-E"],
    ["-bb"],
    ["-OO"],
    ["-P"],
]


def ended(options: list[str], folder: Path, *, path: list[str]) -> Finished:
    """Run the program to its end; what the option itself prints is left out."""
    folder.mkdir()
    program = folder / "program.py"
    program.write_text(PROGRAM.format(path=path))
    done = subprocess.run(
        [sys.executable, *options, str(program)],
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
    shown = "\n".join(told).replace(str(folder), "~")
    return Finished(done.returncode, done.stdout, shown, folder / ".local/state/crashguard")


@pytest.mark.parametrize("options", OPTIONS, ids="".join)
def test_the_options_of_the_interpreter_change_nothing(options: list[str], tmp_path: Path) -> None:
    """Warnings as errors, no site, isolated, development mode and others: whole reports, and the same output."""
    bare = ended(options, tmp_path / "bare", path=[str(PROGRAMS / "ways/without")])
    ours = ended(options, tmp_path / "ours", path=[str(ROOT), sysconfig.get_path("purelib")])

    assert (bare.status, bare.stdout) == (ours.status, ours.stdout)
    assert bare.stderr.count("\n") == ours.stderr.count("\n")
    assert bare.stderr.rpartition("Traceback")[2] == ours.stderr.rpartition("Traceback")[2]
    assert {"ValueError": "capture", "LookupError": "unraisable", "KeyError": "excepthook"} == {
        event["exception"]["values"][-1]["type"]: event["exception"]["values"][-1]["mechanism"]["type"]
        for event in ours.events()
    }
    assert all(event["contexts"]["crashguard"]["complete"] for event in ours.events())
