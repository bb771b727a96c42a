"""What a report of an installed tool tells, in ways of installing that are rarer than a package with a command."""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import zipapp
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.environments import fresh_environment, once, pip_into
from tests.test_outside_own_code import Place

pytestmark = pytest.mark.slow

BUGS = """
def look(table, key):
    return table[key]

def find(table, key):
    return look(table, key)

def first():
    find({}, "one")

def second():
    find({}, "two")

def group():
    raise ExceptionGroup("several", [ValueError("x"), KeyError("x")])

def attribute():
    from deeds import bugs
    bugs.missing

def words():
    name = "Where to Look"
    raise ValueError(f"the Table {name!r} has no Rows: {len(name)} read")
"""
START = """
import sys
import crashguard
crashguard.install(app="ledger", version="1.0")
{imports}
def main():
    sys.path.insert(0, "/nowhere.zip")
    globals()[sys.argv[1]]()
"""
RUNS = '\nif __name__ == "__main__":\n    main()\n'
IMPORTS = "from deeds.bugs import *\n"
FILES = {
    "deeds-1.0.data/scripts/deeds-script": "#!python\n" + START.format(imports=IMPORTS) + RUNS,
    "deeds/__init__.py": "",
    "deeds/bugs.py": BUGS,
    "deeds/cli.py": START.format(imports=IMPORTS),
    "deed.py": START.format(imports=BUGS) + RUNS,
    "deeds-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: deeds\nVersion: 1.0\nRequires-Dist: crashguard\n",
    "deeds-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "deeds-1.0.dist-info/entry_points.txt": "[console_scripts]\ndeeds = deeds.cli:main\n",
}


def _wheel(path: Path) -> None:
    record = ""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o100755 << 16  # a script must be executable
            archive.writestr(info, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(text)}\n"
        archive.writestr("deeds-1.0.dist-info/RECORD", f"{record}deeds-1.0.dist-info/RECORD,,\n")


def _fill(root: Path) -> None:
    _wheel(root / "deeds-1.0-py3-none-any.whl")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "-w", str(root), str(ROOT)], check=True, capture_output=True)
    commands = fresh_environment(root / "venv")
    if pip_into(commands, *map(str, root.glob("*.whl"))).returncode:
        shutil.rmtree(root / "venv")


def commands() -> Path:
    """The folder of the commands of a fresh environment with the tool; skips where pip cannot fill one."""
    found = once("installed", _fill) / "venv" / "bin"
    if not found.exists():
        pytest.skip("pip cannot install crashguard's dependencies into a fresh environment here")
    return found


WAYS = {
    "command": ["deeds"],
    "script of a wheel": ["deeds-script"],
    "module by python -m": ["python", "-m", "deed"],
}


def crash(home: Path, way: str, bug: str) -> dict[str, Any]:
    place = Place(home)
    first, *more = WAYS[way]
    done = place.run(str(commands() / first), *more, bug)
    assert place.events, done.stderr
    return place.events[-1]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_tells_functions_versions_and_lines(home: Path, way: str) -> None:
    """Own functions are in_app and have their lines, and the distribution and its installer are known; two bugs
    behind helpers of two levels are two."""
    one, two = (crash(home, way, bug) for bug in ("first", "second"))
    frames = one["exception"]["values"][-1]["stacktrace"]["frames"][-3:]

    assert ["first", "find", "look"] == [frame["function"] for frame in frames]
    assert [True] * 3 == [frame["in_app"] for frame in frames]
    assert "    return table[key]" == frames[-1]["context_line"]
    assert "1.0" == one["modules"]["deeds"]
    assert "pip" == one["contexts"]["program"]["installer"]
    assert "frozen" not in one["contexts"]["program"]
    assert one["fingerprint"] != two["fingerprint"]


@pytest.mark.parametrize("way", WAYS)
def test_what_the_program_itself_says_stays(home: Path, way: str) -> None:
    """The message of a group, and the words of a published line."""
    assert "several (2 sub-exceptions)" == crash(home, way, "group")["exception"]["values"][-1]["value"]
    said = crash(home, way, "words")["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    line = """    raise ValueError(f"the Table {name!r} has no Rows: {len(name)} read")"""
    assert line == said["context_line"]


@pytest.mark.parametrize("way", ["command", "script of a wheel"])
def test_the_tools_own_package_is_no_datum(home: Path, way: str) -> None:
    """What starts the tool names its package too, and is nobody's code."""
    event = crash(home, way, "attribute")

    assert "module 'deeds.bugs' has no attribute 'missing'" == event["exception"]["values"][-1]["value"]


@pytest.mark.parametrize("spelling", ["./deeds.pyz", "deeds.pyz", "../{home}/deeds.pyz"])
def test_a_zipapp_may_be_started_by_any_path(home: Path, spelling: str) -> None:
    """Functions of its main script are the tool's own; it is a zipapp whatever `sys.path` holds by then."""
    files = home / "files"
    (files / "deeds").mkdir(parents=True)
    (files / "deeds" / "__init__.py").write_text("")
    (files / "deeds" / "boot.py").write_text(
        'import crashguard\ncrashguard.install(app="ledger", version="1.0")\n'
    )
    main = (
        "import sys\nimport deeds.boot\ndef own():\n    sys.path.insert(0, '/')\n    return {}['x']\nown()\n"
    )
    (files / "__main__.py").write_text(main)
    zipapp.create_archive(files, home / "deeds.pyz")
    place = Place(home)
    done = place.run(str(commands() / "python"), spelling.format(home=home.name))
    assert place.events, done.stderr
    frame = place.frames[-1][-1]

    assert ("own", "__main__.py", True) == (frame["function"], frame["filename"], frame["in_app"])
    assert "zipapp" == place.events[-1]["contexts"]["program"]["frozen"]
    assert str(home) not in json.dumps(place.events[-1])
