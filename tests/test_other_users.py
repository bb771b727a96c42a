"""What other users of the machine put in the place of our folders is not read, moved, deleted or sent."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashguard import paths
from crashguard.report import envelope
from tests.conftest import ROOT
from tests.servers import Server

ME, OTHER = 54321, 54322
TOOL = (
    "import crashguard\ncrashguard.install(app='demo', version='1.0', dsn={dsn!r}, delivery='inline')\n{body}"
)
NAME = f"1763900000000-deadbeef-{'ab' * 16}.envelope"

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can be several users, and setpriv makes it so",
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder into which everybody can write, in places that everybody can enter."""
    folder = Path("/var/tmp") / f"crashguard-users-{os.getpid()}"
    folder.mkdir()
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def run(place: Path, server: Server, body: str = "", user: int = ME) -> subprocess.CompletedProcess[str]:
    """The tool, as a user without a home, whose reports are to lie in `place`."""
    return subprocess.run(
        [
            *("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"),
            *(sys.executable, "-c", TOOL.format(dsn=server.dsn, body=body)),
        ],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "XDG_STATE_HOME": str(place),
            "TMPDIR": str(place),
            "CI": "1",
        },
        capture_output=True,
        text=True,
        timeout=120,
        cwd="/",
        check=False,
    )


def may_start() -> bool:
    """Whether another user can read the interpreter and this checkout."""
    return not subprocess.run(
        [
            *("setpriv", f"--reuid={ME}", f"--regid={ME}", "--clear-groups"),
            sys.executable,
            "-c",
            "import crashguard",
        ],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        cwd="/",
        check=False,
    ).returncode


@pytest.fixture(autouse=True)
def _can_be_tried() -> None:
    if not may_start():
        pytest.skip("another user cannot read the interpreter or this checkout")


def planted(server: Server) -> bytes:
    """An envelope that would be sent to wherever it says."""
    return envelope.seal(
        {
            "event_id": "ab" * 16,
            "release": "demo@1.0",
            "exception": {"values": [{"type": "Planted"}]},
            "contexts": {"crashguard": {"telemetry_level": "all"}},
        },
        server.dsn,
    )


def own(path: Path, user: int) -> None:
    for each in (path, *path.rglob("*")):
        os.lchown(each, user, user)


@pytest.mark.parametrize("level", ["crashguard", "crashguard/demo", "crashguard/demo/waiting"])
@pytest.mark.parametrize("how", ["a folder of another user", "a link to one", "a link to one of mine"])
def test_what_others_planted_is_left_alone(place: Path, server: Server, level: str, how: str) -> None:
    """At each level of the path, as a folder and behind a link: not sent, not moved, not deleted."""
    behind = place / "behind"
    at = behind if how != "a folder of another user" else place / level
    below = at / Path("crashguard/demo/waiting").relative_to(level) if level.count("/") < 2 else at
    if (place / level).parent != place:
        (place / level).parent.mkdir(parents=True, mode=0o700)
        own(place / "crashguard", ME)
    below.mkdir(parents=True, exist_ok=True)
    (below / NAME).write_bytes(planted(server))
    (below / "precious.txt").write_text("of somebody")
    own(at, ME if how == "a link to one of mine" else OTHER)
    if at == behind:
        (place / level).symlink_to(behind)
    before = sorted((str(path), path.stat().st_mtime_ns) for path in at.rglob("*"))

    for body in ("", "1 / 0\n"):
        done = run(place, server, body)
        assert done.returncode == (1 if body else 0), done.stderr
    assert [] == [event for event in server.events if event["exception"]["values"][0]["type"] == "Planted"]
    assert before == sorted((str(path), path.stat().st_mtime_ns) for path in at.rglob("*"))


def test_a_report_is_sent_though_no_folder_is_safe(place: Path, server: Server) -> None:
    """Another user holds both places: the dying process sends from memory, and writes into neither."""
    for name in ("crashguard", f"crashguard-{ME}"):
        (place / name).mkdir(mode=0o777)
        own(place / name, OTHER)
    assert 1 == run(place, server, "1 / 0\n").returncode

    assert ["ZeroDivisionError"] == [event["exception"]["values"][0]["type"] for event in server.events]
    assert [] == [path for path in place.rglob("*") if path.is_file()]


def test_the_person_is_told_which_folder_is_not_used(
    place: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`crashguard status` names it, says why and what to do; a folder of one's own that is closed is fine."""
    monkeypatch.setenv("XDG_STATE_HOME", str(place))
    assert paths.why_not_used() is None
    (place / "crashguard").mkdir()
    own(place / "crashguard", OTHER)
    assert f"{place}/crashguard belongs to another user" == paths.why_not_used()
    own(place / "crashguard", os.geteuid())
    (place / "crashguard").chmod(0o777)
    assert f"other users can write into {place}/crashguard" == paths.why_not_used()
    (place / "crashguard").chmod(0o700)
    assert paths.why_not_used() is None
    assert json.dumps(paths.state_dir()) == json.dumps(f"{place}/crashguard")
