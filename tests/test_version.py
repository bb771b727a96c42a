"""The version stands in one place, and everything that says it reads it there."""

import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import crashguard
from tests.conftest import ROOT


def test_the_built_package_has_the_version_of_the_code(tmp_path: Path) -> None:
    """A wheel of this checkout says what `crashguard.__version__` says, in its name and in its metadata."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        [name] = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(archive.read(name).decode())

    assert crashguard.__version__ == metadata["Version"]
    assert wheel.name.startswith(f"crashguard-{crashguard.__version__}-")


def test_no_other_place_says_the_version() -> None:
    """The build reads it from the code; the changelog's newest entry is this version or not yet released."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert "version" not in project["project"]
    assert ["version"] == project["project"]["dynamic"]
    assert {"path": "crashguard/_version.py"} == project["tool"]["hatch"]["version"]
    newest = re.search(r"^## \[?([^\]\n ]+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] in ("Unreleased", crashguard.__version__)
