"""`doctor` and `status` say what this machine means for reports: who sends, what came of native crashes, odd locks."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import uploaders
from tests.conftest import ROOT
from tests.servers import Server

pytestmark = pytest.mark.slow  # the command imports its libraries, and doctor crashes a process

TOOL = (
    "import sys, crashguard, ctypes\n"
    "crashguard.install(app='demo', version={version!r}, dsn={dsn!r}, note=False)\n{body}\n"
)


def python(home: Path, *arguments: str, **more: str) -> str:
    return subprocess.run(
        [sys.executable, *arguments],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    ).stdout


def tool(home: Path, server: Server, body: str = "", version: str = "1.0") -> None:
    python(home, "-c", TOOL.format(version=version, dsn=server.dsn, body=body))
    uploaders.gone(home / ".local/state/crashguard/demo")


def doctor(home: Path, **more: str) -> str:
    return python(home, "-m", "crashguard", "doctor", COLUMNS="400", **more)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"CI": "true"},
            "the crashing program itself, before it ends: a CI system ends what a step leaves behind",
        )
    ],
)
def test_doctor_says_who_would_send_and_why(home: Path, variables: dict[str, str], said: str) -> None:
    """Also where there is no destination to try."""
    assert re.search(rf"ok +sender +{said}", doctor(home, **variables))


def test_doctor_says_what_came_of_the_last_native_crash(home: Path) -> None:
    """None, one that waits for a run, one whose sending failed, one that was sent, one that stays."""
    spool = home / ".local/state/crashguard/demo"
    assert "native crash      no tool has had one here" in doctor(home)
    with Server("500") as server:
        tool(home, server, "ctypes.string_at(0)")
        found = doctor(home)
        assert re.search(r"- +native crash +SIGSEGV.* of demo, .*, goes with the tool's next run", found), (
            found
        )

        tool(home, server)
        assert re.search(r"FAILED +native crash +SIGSEGV.*was not sent yet: 500", doctor(home))

        server.mood = "healthy"
        uploaders.much_later(spool)
        tool(home, server)
        assert 1 == len(server.stored)
        assert re.search(r"ok +native crash +SIGSEGV.*, was sent", doctor(home))

        tool(home, server, "ctypes.string_at(0)", version="development")
        assert re.search(r"- +native crash +SIGSEGV.*, stays here: .*development", doctor(home))


@pytest.mark.parametrize("make", ["mkdir", "symlink", "mkfifo"])
def test_what_lies_in_the_place_of_a_lock_is_told(home: Path, make: str) -> None:
    """A folder, a link, a pipe: `status` and `doctor` name it before a sender has moved it away, and after."""
    spool = home / ".local/state/crashguard/demo"
    with Server("500") as server:
        tool(home, server, "1 / 0")
        lock = spool / "lock"
        lock.unlink()
        if make == "symlink":
            lock.symlink_to(home / "elsewhere")
        elif make == "mkfifo":
            os.mkfifo(lock)
        else:
            lock.mkdir()
        told = r"demo/lock\S* is no file of crashguard's"
        assert re.search(told, python(home, "-m", "crashguard", "status", COLUMNS="400"))

        server.mood = "healthy"
        uploaders.much_later(spool)
        tool(home, server)
        assert 1 == len(server.stored)
        assert not (home / "elsewhere").exists()
        assert re.search(told, doctor(home))


@pytest.mark.parametrize("app", ["demo", "crashguard-doctor"])
def test_doctor_names_a_folder_that_is_not_used(home: Path, app: str) -> None:
    """One state's folder into which all can write, of any tool; it says what becomes of a report then."""
    state = home / ".local/state/crashguard" / app / "waiting"
    state.mkdir(parents=True, mode=0o700)
    state.chmod(0o777)
    with Server() as server:
        said = doctor(home, CRASHGUARD_DSN=server.dsn)

    assert re.search(rf"FAILED +folder +other users can write into {state}; remove it, or close it", said)
    kept = r"ok +spool" if app == "demo" else "FAILED +spool .*; a report is sent from memory then, or lost"
    assert re.search(kept, said)
    assert 1 == len(server.stored)


def test_doctor_says_that_the_crashing_process_sends(home: Path) -> None:
    """Why is said once, of this place: the process that crashes is not the first one of a container, doctor is."""
    with Server() as server:
        said = doctor(home, CRASHGUARD_DSN=server.dsn, CI="1")

    assert re.search("ok +uploader +the crashing process itself took it\n", said)


def test_doctor_tells_of_what_it_did_itself_only(home: Path) -> None:
    """Its folder is read-only by now: the answer to the report of an earlier run is none to this one."""
    isolated = ("unshare", "--mount", "--map-root-user")
    if shutil.which("unshare") is None or subprocess.run([*isolated, "true"], check=False).returncode:
        pytest.skip("this machine lets nobody mount a file system in a namespace")
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "CI": "1"}
    command = [sys.executable, "-m", "crashguard", "doctor", "--dsn"]
    with Server() as server:
        first = subprocess.run(
            [*command, server.dsn], env=environment, capture_output=True, text=True, check=False
        )
    spool = home / ".local/state/crashguard/crashguard-doctor"
    closes = f'mount --bind {spool} {spool} && mount -o remount,bind,ro {spool} && exec "$@"'
    second = subprocess.run(
        [*isolated, "sh", "-c", closes, "sh", *command, "http://key@127.0.0.1:9/1"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "took the report" in first.stdout
    assert "took" not in second.stdout, second.stdout
    assert "FAILED  spool" in second.stdout, second.stdout + second.stderr
