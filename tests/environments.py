"""Fresh environments, as users make them, on every interpreter: not each one brings a pip of its own."""

import os
import subprocess
import sys
from pathlib import Path


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
