"""Folders of a home that are root's, as `sudo pip` leaves them: reports lie elsewhere, and everybody says why."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.servers import Server, eventually

ME = 54321
TOOL = "import crashguard\ncrashguard.install(app='demo', version='1.0', dsn={dsn!r}, telemetry_level='all')\n{body}\n"
pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("setpriv") is None or os.geteuid() != 0,
    reason="only root can become another user",
)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody can enter."""
    made = Path("/tmp") / f"crashguard-closed-{os.getpid()}"
    made.mkdir()
    yield made
    shutil.rmtree(made)


def run(place: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command of a user whose home is `home` in a place."""
    return subprocess.run(
        ["setpriv", f"--reuid={ME}", f"--regid={ME}", "--clear-groups", sys.executable, *command],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(place / "home"),
            "TMPDIR": str(place / "tmp"),
            **more,
        },
        capture_output=True,
        text=True,
        timeout=120,
        cwd="/",
        check=False,
    )


@pytest.fixture(autouse=True)
def _can_be_tried(place: Path) -> None:
    if run(place, "-c", "import crashguard").returncode:
        pytest.skip("another user cannot read the interpreter or this checkout")


def prepare(place: Path, roots: str) -> None:
    """A home with a folder of root's, and a temporary folder."""
    for name, mode in (("home", 0o755), ("tmp", 0o1777)):
        (place / name).mkdir()
        (place / name).chmod(mode)
    os.chown(place / "home", ME, ME)
    folder = place / "home"
    for part in roots.split("/"):
        folder /= part
        folder.mkdir()
        os.chown(folder, *((0, 0) if folder == place / "home" / roots else (ME, ME)))


@pytest.mark.slow
@pytest.mark.parametrize("roots", [".local", ".local/state", ".local/state/crashguard"])
def test_a_native_death_arrives_though_a_folder_of_the_home_is_roots(
    place: Path, server: Server, roots: str
) -> None:
    """The reports lie in the temporary folder; the note, `status` and `doctor` name what is closed."""
    prepare(place, roots)
    run(place, "-c", TOOL.format(dsn=server.dsn, body="import ctypes; ctypes.string_at(0)"))
    before = run(place, "-m", "crashguard", "status").stdout
    noted = run(place, "-c", TOOL.format(dsn=server.dsn, body="raise ValueError")).stderr
    eventually(lambda: {"SIGSEGV", "ValueError"} <= set(server.types), lambda: (server.types, noted))
    doctor = run(place, "-m", "crashguard", "doctor").stdout

    closed = f"{place}/home/{roots}".replace(f"{place}/home", "")
    for said in (before, noted, doctor):
        assert closed in "".join(said.split()), said


def test_status_and_doctor_say_that_no_folder_is_used(place: Path) -> None:
    """No home, and a temporary folder that is open to all: a report leaves from memory, and both say why."""
    prepare(place, ".local")
    (place / "tmp").chmod(0o777)
    status = run(place, "-m", "crashguard", "status", HOME="/nonexistent").stdout
    doctor = run(place, "-m", "crashguard", "doctor", HOME="/nonexistent").stdout

    for said in (status, doctor):
        assert "other users can rename" in " ".join(said.split()), said
        assert "from memory" in said
    assert "a detached process" not in doctor
