"""What other users of the machine put in the place of our folders is not read, moved, deleted or sent."""

import json
import os
import shutil
import subprocess
import sys
import time
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
    """A sticky folder into which everybody can write, in places that everybody can enter."""
    folder = Path("/var/tmp") / f"crashguard-users-{os.getpid()}"
    folder.mkdir()
    folder.chmod(0o1777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def run(
    place: Path, server: Server, body: str = "", user: int = ME, **more: str
) -> subprocess.CompletedProcess[str]:
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
            **more,
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
@pytest.mark.parametrize(
    "how",
    ["a folder of another user", "a link to one", "a link to one of mine", "one of mine that all can write"],
)
def test_what_others_planted_is_left_alone(place: Path, server: Server, level: str, how: str) -> None:
    """At each level of the path, as a folder and behind a link: not sent, not moved, not deleted."""
    behind = place / "behind"
    at = behind if "link" in how else place / level
    below = at / Path("crashguard/demo/waiting").relative_to(level) if level.count("/") < 2 else at
    if (place / level).parent != place:
        (place / level).parent.mkdir(parents=True, mode=0o700)
        own(place / "crashguard", ME)
    below.mkdir(parents=True, exist_ok=True)
    (below / NAME).write_bytes(planted(server))
    (below / "precious.txt").write_text("of somebody")
    own(at, ME if "mine" in how else OTHER)
    if how == "one of mine that all can write":
        (place / level).chmod(0o777)
        own(below / NAME, OTHER)
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
    monkeypatch.delenv("XDG_STATE_HOME")
    (place / "theirs").mkdir()
    own(place / "theirs", OTHER)
    monkeypatch.setenv("HOME", str(place / "theirs"))  # as `sudo -E` leaves it
    assert f"{place}/theirs belongs to another user" == paths.why_not_used("demo")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "group", "safe"),
    [
        (0o777, ME, False),
        (0o1777, ME, True),
        (0o770, OTHER, False),
        (0o775, ME, True),
        (0o775, 0, True),
        (0o755, OTHER, True),
    ],
    ids=["all", "sticky", "group of others", "own group", "group 0", "closed"],
)
@pytest.mark.parametrize("by", ["name", "link"])
@pytest.mark.parametrize("depth", ["above", "far above"])
def test_a_folder_that_others_could_replace_is_not_used(
    place: Path, server: Server, *, mode: int, group: int, safe: bool, by: str, depth: str
) -> None:
    """At each level above the reports, also behind a link: they go to the fallback, and the person is told."""
    level = place / "level"
    state = level if depth == "above" else level / "closed"
    for folder in (level, state):
        folder.mkdir(exist_ok=True)
        own(folder, ME)
    os.chown(level, ME, group)
    level.chmod(mode)
    if by == "link":
        (place / "link").symlink_to(state)
        os.lchown(place / "link", ME, ME)
        state = place / "link"
    fallback = place / "temporary"
    fallback.mkdir(mode=0o1777)
    fallback.chmod(0o1777)

    done = run(place, server, "1 / 0\n", XDG_STATE_HOME=str(state), TMPDIR=str(fallback))
    assert 1 == done.returncode
    assert [] == [path for path in (state / "crashguard").rglob("*.envelope") if not safe]
    told = f"other users can rename what is in {level}" in " ".join(done.stderr.split())
    assert told is not safe, done.stderr
    assert (1, safe) == (len(server.events), (state / "crashguard").exists())
    again = run(place, server, "[][1]\n", XDG_STATE_HOME=str(state), TMPDIR=str(fallback))
    assert "can rename" not in again.stderr  # it is said once


@pytest.mark.parametrize("body", ["step()\n", "1 / 0\n"], ids=["guard", "crash"])
def test_a_process_that_became_another_user_keeps_its_report_with_that_user(
    place: Path, server: Server, body: str
) -> None:
    """After setuid() the folder of install() is closed to it. It writes into that of its user, for a guard too."""
    install = (
        "import os\n@crashguard.guard(reraise=False)\ndef step(): [][1]\n"
        f"os.setgroups([])\nos.setgid({ME})\nos.setuid({ME})\n"
    )
    home = place / "root"
    home.mkdir(mode=0o700)
    own(home, 0)
    done = subprocess.run(
        [sys.executable, "-c", TOOL.format(dsn=server.dsn, body=install + body)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(home), "TMPDIR": str(place)},
        capture_output=True,
        text=True,
        timeout=120,
        cwd="/",
        check=False,
    )

    assert (0 if body == "step()\n" else 1) == done.returncode, done.stderr
    [report] = (place / f"crashguard-{ME}").rglob("*.envelope")
    assert ME == report.stat().st_uid
    assert envelope.unseal(report.read_bytes())[1]["contexts"]["crashguard"]["complete"]


@pytest.mark.skipif("not may_start()")
def test_a_choice_that_another_user_has_closed_ends_no_tool(place: Path, server: Server) -> None:
    """An image whose root said no, run as another user: nothing is recorded, one line says why, and the tool works."""
    home = place / "home"
    closed = home / ".config/crashguard"
    closed.mkdir(parents=True)
    home.chmod(0o755)
    (closed / "telemetry-level").write_text("none")
    closed.chmod(0o700)

    done = run(
        place,
        server,
        "import argparse\nfrom crashguard.integrations.argparse import add_telemetry_level\n"
        "parser = argparse.ArgumentParser()\nadd_telemetry_level(parser, app='demo')\n"
        "parser.parse_args([])\nprint('works')\nraise KeyError('x')\n",
        HOME=str(home),
    )

    assert (1, "works\n") == (done.returncode, done.stdout)
    assert 1 == done.stderr.count("telemetry-level cannot be read: Permission denied")
    assert not server.posted
    assert not (place / "crashguard").exists()


@pytest.mark.skipif("not may_start()")
def test_a_home_that_cannot_be_looked_into_is_a_no(place: Path, server: Server) -> None:
    """root's HOME (0700) under another uid: nothing is recorded, no run says a word of it, and `status` says why."""
    home = place / "home"
    home.mkdir()
    home.chmod(0o700)

    done = run(place, server, "raise KeyError('x')\n", HOME=str(home))
    assert 1 == done.returncode
    assert "crashguard" not in done.stderr.replace(str(ROOT), "")
    assert not server.posted
    assert not (place / "crashguard").exists()
    said = run(
        place,
        server,
        "import runpy, sys\nsys.argv = ['crashguard', 'status']\n"
        "runpy.run_module('crashguard', run_name='__main__')\n",
        HOME=str(home),
    )
    assert "a no may lie there" in " ".join(said.stdout.split())
    assert (
        "KeyError"
        in run(place, server, "raise KeyError('x')\n", HOME=str(home), DEMO_TELEMETRY_LEVEL="all").stderr
    )
    assert server.posted


@pytest.mark.skipif("not may_start()")
def test_the_note_says_that_nothing_leaves_where_the_first_users_home_is_closed(
    place: Path, server: Server
) -> None:
    """setuid() after install(), with the HOME of root: a no may lie there that nobody can read any more."""
    home = place / "home"
    home.mkdir(mode=0o700)
    drop = f"import os\nos.setgroups([])\nos.setgid({ME})\nos.setuid({ME})\n1 / 0\n"

    done = run(place, server, drop, 0, HOME=str(home), XDG_STATE_HOME=str(home / "state"))

    assert "It is not sent: no valid telemetry level can be read now." in done.stderr
    assert not server.posted


def test_a_report_of_another_owner_is_set_aside(place: Path, server: Server) -> None:
    """Also in a folder of this user's, where only an administrator can put it: it is not sent."""
    name = f"{time.time_ns() // 1_000_000}-{NAME.partition('-')[2]}"
    waiting = place / "crashguard/demo/waiting"
    waiting.mkdir(parents=True, mode=0o700)
    (waiting / name).write_bytes(planted(server))
    own(place / "crashguard", ME)
    own(waiting / name, OTHER)
    (waiting / name).chmod(0o644)

    for body in ("", "1 / 0\n"):
        run(place, server, body)

    assert ["ZeroDivisionError"] == server.types
    assert [name] == os.listdir(place / "crashguard/demo/broken")
