"""What can be tried of macOS without a Mac: paths, and the absence of everything that only Linux has.

Simulated: see tests/programs/macos. docs/support.md says what this does not show.
"""

import subprocess
import sys
from pathlib import Path

from crashguard.report import envelope
from tests.conftest import PROGRAMS, ROOT
from tests.servers import Server, eventually

INSTALL = (
    "import crashguard\ncrashguard.install(app='demo', version='1.0', dsn={dsn!r}, delivery={delivery!r})\n"
)


def on_a_mac(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        env={
            "HOME": str(home),
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": f"{PROGRAMS / 'macos'}:{ROOT}",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_crash_is_reported_where_a_mac_keeps_such_things(home: Path) -> None:
    """Traceback, note and report; the facts that this system does not tell are left out; the command finds it."""
    done = on_a_mac(home, "-c", INSTALL.format(dsn=None, delivery="deferred") + "1 / 0\n")

    assert 1 == done.returncode
    assert "demo crashed." in done.stderr
    [path] = home.rglob("*.envelope")
    assert path.is_relative_to(home / "Library/Application Support/crashguard/demo/local")
    event = envelope.unseal(path.read_bytes())[1]
    assert "ZeroDivisionError" == event["exception"]["values"][0]["type"]
    assert "macOS" == event["contexts"]["os"]["name"]
    assert "free_memory" not in event["contexts"]["device"]
    listed = on_a_mac(home, "-m", "crashguard", "list")
    assert "ZeroDivisionError" in listed.stdout, listed.stderr


def test_a_report_is_sent_in_the_background(home: Path) -> None:
    """The uploader is started without anything that only Linux has."""
    with Server() as server:
        done = on_a_mac(home, "-c", INSTALL.format(dsn=server.dsn, delivery="background") + "1 / 0\n")
        eventually(lambda: server.events, lambda: done.stderr)

    assert "ZeroDivisionError" == server.events[0]["exception"]["values"][0]["type"]


def test_a_clean_end_leaves_nothing(home: Path) -> None:
    """As everywhere; and a native crash before it is found by the command."""
    on_a_mac(home, "-c", INSTALL.format(dsn=None, delivery="deferred") + "import os\nos.abort()\n")
    on_a_mac(home, "-c", INSTALL.format(dsn=None, delivery="deferred"))

    assert "SIGABRT" in on_a_mac(home, "-m", "crashguard", "list").stdout
    assert not [*home.rglob("*.native"), *home.rglob("*.run")]


def test_a_child_process_is_reported(home: Path) -> None:
    """spawn is the start method there, without a word of the program's."""
    program = home / "program.py"
    program.write_text(
        "import multiprocessing\n"
        "def work():\n    raise LookupError('child')\n"
        "if __name__ == '__main__':\n    "
        + INSTALL.format(dsn=None, delivery="deferred").replace("\n", "\n    ")
        + "\n    assert multiprocessing.get_start_method() == 'spawn'\n"
        "    process = multiprocessing.Process(target=work)\n"
        "    process.start()\n    process.join()\n"
    )
    on_a_mac(home, str(program))

    [path] = home.rglob("*.envelope")
    assert "LookupError" == envelope.unseal(path.read_bytes())[1]["exception"]["values"][0]["type"]
