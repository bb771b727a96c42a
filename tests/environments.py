"""Fresh environments, as users make them, on every interpreter: not each one brings a pip of its own."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# A folder of this test session, the same one for all of its workers; conftest.py makes and removes it.
shared = Path()


def once(name: str, fill: Callable[[Path], object]) -> Path:
    """A folder that all workers of a session share; the first one that asks for it fills it, the others wait.

    Args:
        name: The folder's name.
        fill: Gets the new folder and fills it. What it raises reaches its caller, and the next one tries again.
    """
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            fill(folder)
            done.touch()
    return folder


def fresh_environment(folder: Path) -> Path:
    """The folder of the commands of a new, empty environment of the interpreter that runs the tests."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, capture_output=True
    )
    return folder / "bin"


def pip_into(commands: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Install into an environment with the pip that the suite has."""
    pip = [sys.executable, "-m", "pip", "--python", str(commands / "python"), "--disable-pip-version-check"]
    return subprocess.run(
        [*pip, "install", "-q", *arguments],
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
        capture_output=True,
        text=True,
        check=False,
    )
