"""Spools of other versions of crashguard, and copies of it under other names, in one process or one spool."""

import json
import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crashguard import telemetry_level
from crashguard.report import envelope
from crashguard.spool import reports, store
from crashguard.spool.store import Spool
from crashguard.transport.upload import upload
from tests import uploaders
from tests.conftest import ROOT, Run
from tests.servers import Server, eventually

YES = telemetry_level.resolve("all", app="demo")
PROGRAM = "import {name}\n{name}.install(app={app!r}, version='1.0', dsn={dsn!r}, delivery={how!r})\n"
LONG_DEADLINE = (
    "from crashguard import transport\ntransport.INLINE_SECONDS = 30.0\n"  # the machine may be busy
)
CRASH = "def fail():\n    raise ValueError('x')\nfail()\n"
ID = "0123456789ab4def8123456789abcdef"


def sealed(dsn: str, **event: object) -> bytes:
    return envelope.seal({"event_id": ID, "release": "demo@1.0", **event}, dsn)


def lines(*parts: object) -> bytes:
    return b"".join(
        (part if isinstance(part, bytes) else json.dumps(part).encode()) + b"\n" for part in parts
    )


# What an earlier or a later version may leave: it is read, and sent once.
READ: dict[str, Callable[[str], bytes]] = {
    "bare event": sealed,
    "an older payload": lambda dsn: sealed(dsn, contexts={"crashguard": {"payload_version": 0}}),
    "a newer payload": lambda dsn: sealed(
        dsn, contexts={"crashguard": {"payload_version": 99, "new": [1]}}, new_field={"a": 1}
    ),
    "more in the header": lambda dsn: lines(
        {"event_id": ID, "dsn": dsn, "sdk": {"name": "crashguard", "version": "9"}, "sent_at": "2026-01-01"},
        {"type": "event"},
        {"event_id": ID, "release": "demo@9"},
    ),
    "a second item": lambda dsn: (
        sealed(dsn) + lines({"type": "attachment", "length": 2, "filename": "log"}, b"ok")
    ),
}
# What no version can read, or no report of ours: set aside, and in nobody's way.
SET_ASIDE: dict[str, tuple[str, bytes]] = {
    "compressed": (f"1795424000000-aaaa-{ID}.envelope", b"\x1f\x8b\x08\0rest"),
    "another item": (f"1795424000000-aaaa-{ID}.envelope", lines({}, {"type": "session"}, {})),
    "cut short": (f"1795424000000-aaaa-{ID}.envelope", sealed("http://k@h/1")[:-9]),
    "empty": (f"1795424000000-aaaa-{ID}.envelope", b""),
    "no time": (f"aaaa-{ID}.envelope", sealed("http://k@h/1")),
    "four parts": (f"1795424000000-aaaa-v2-{ID}.envelope", sealed("http://k@h/1")),
    "another ending": (f"1795424000000-aaaa-{ID}.json", b"{}"),
    "digits of another script": (f"\u0661\u0662-aaaa-{ID}.envelope", sealed("http://k@h/1")),
    "too deep": (f"1795424000000-aaaa-{ID}.envelope", lines({}, {"type": "event"}, b"[" * 100_000)),
}


@pytest.fixture
def spool(home: Path) -> Spool:
    return Spool(str(home / ".local/state/crashguard/demo"))


def put(spool: Spool, name: str, data: bytes) -> None:
    folder = Path(spool.folder(store.WAITING))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / name).write_bytes(data)


@pytest.mark.parametrize("shape", READ)
def test_a_report_of_another_version_is_read_and_sent(spool: Spool, shape: str) -> None:
    """Fields that are unknown, or missing, are no reason to lose it; it leaves byte for byte."""
    now = time.time_ns() // 1_000_000
    with Server() as server:
        data = READ[shape](server.dsn)
        put(spool, f"{now}-aaaa-{ID}.envelope", data)
        [report] = reports.reports(spool)
        assert ID == report.event_id
        assert 1 == upload(spool.root, YES).sent
        assert {ID} == set(server.stored)
    assert data == Path(spool.folder(store.SENT), f"{now}-aaaa-{ID}.envelope").read_bytes()


@pytest.mark.parametrize("shape", SET_ASIDE)
def test_what_cannot_be_read_is_set_aside_and_in_nobodys_way(spool: Spool, shape: str) -> None:
    """It lies in broken/ for people to look at, and the report beside it is sent."""
    name, data = SET_ASIDE[shape]
    now = time.time_ns() // 1_000_000
    with Server() as server:
        put(spool, name.replace("1795424000000", str(now)), data)
        put(spool, f"{now}-bbbb-{'f' * 32}.envelope", sealed(server.dsn).replace(ID.encode(), b"f" * 32))
        assert 1 == upload(spool.root, YES).sent
        assert ["f" * 32] == list(server.stored)
    assert [name.replace("1795424000000", str(now))] == [
        path.name for path in Path(spool.folder(store.BROKEN)).iterdir()
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "obstacle",
    [
        "journal/",
        "about/",
        "backoff/",
        "resumed/",
        "suppressed",
        "sent",
        "rejected",
        "broken",
        "runs",
        "local",
    ],
)
def test_what_is_in_the_way_does_not_keep_a_report_from_the_server(
    run: Run, home: Path, obstacle: str
) -> None:
    """A file where a folder belongs, a folder where a file does: the crash is recorded and sent all the same."""
    root = home / ".local/state/crashguard/demo"
    root.mkdir(parents=True, mode=0o700)
    if obstacle.endswith("/"):
        (root / obstacle).mkdir()
    else:
        (root / obstacle).write_bytes(b"\xff\0of a later version")
    with Server() as server:
        done = run(PROGRAM.format(name="crashguard", app="demo", dsn=server.dsn, how="background") + CRASH)
        assert (1, 1) == (done.status, done.stderr.count("Traceback"))
        eventually(lambda: server.stored)
        uploaders.gone(root)
        assert 1 == len(server.stored)
    assert [] == done.files(folder="waiting")


@pytest.mark.parametrize("obstacle", ["waiting", "recording", "lock/", ""])
def test_a_spool_that_cannot_be_used_does_not_keep_a_report_from_the_server(
    run: Run, home: Path, obstacle: str
) -> None:
    """Where no file can be kept, the dying process sends; what lies in the place of the lock is moved away."""
    root = home / ".local/state/crashguard/demo"
    (root if obstacle else root.parent).mkdir(parents=True, mode=0o700)
    if obstacle.endswith("/"):
        (root / obstacle).mkdir()
    else:
        (root / obstacle if obstacle else root).write_bytes(b"")
    with Server() as server:
        done = run(
            PROGRAM.format(name="crashguard", app="demo", dsn=server.dsn, how="background")
            + LONG_DEADLINE
            + CRASH
        )
        assert (1, 1) == (done.status, done.stderr.count("Traceback"))
        uploaders.gone(root)
        assert 1 == len(server.stored)


@pytest.fixture
def vendored(tmp_path: Path) -> Path:
    """A folder with a copy of crashguard under another name, its imports rewritten as vendoring tools do."""
    copy = tmp_path / "vendored" / "acme_crashguard"
    shutil.copytree(ROOT / "crashguard", copy, ignore=shutil.ignore_patterns("__pycache__"))
    for path in copy.rglob("*.py"):
        path.write_text(re.sub(r"\b(from|import) crashguard\b", r"\1 acme_crashguard", path.read_text()))
    return copy.parent


def both(vendored: Path) -> dict[str, str]:
    return {"PYTHONPATH": f"{ROOT}:{vendored}"}


def test_two_copies_in_one_process_report_each_for_its_own_app(run: Run, vendored: Path) -> None:
    """A tool and a library that brought its own crashguard: one traceback, and each project gets one report."""
    with Server() as tools, Server() as librarys:
        done = run(
            PROGRAM.format(name="crashguard", app="demo", dsn=tools.dsn, how="background")
            + PROGRAM.format(name="acme_crashguard", app="acme", dsn=librarys.dsn, how="background")
            + CRASH,
            env=both(vendored),
        )
        assert (1, 1) == (done.status, done.stderr.count("Traceback"))
        eventually(lambda: tools.stored and librarys.stored)
        for app, server in (("demo", tools), ("acme", librarys)):
            uploaders.gone(done.state / app)
            [sent] = server.stored.values()
            assert f"{app}@1.0" == envelope.unseal(sent)[1]["release"]


def test_two_copies_that_share_a_spool_send_one_report(run: Run, vendored: Path) -> None:
    """The same app in both: the second finds that the first one's report waits, and is counted in it."""
    with Server() as server:
        program = "".join(
            PROGRAM.format(name=name, app="demo", dsn=server.dsn, how="background")
            for name in ("crashguard", "acme_crashguard")
        )
        done = run(program + CRASH, env=both(vendored))
        assert (1, 1) == (done.status, done.stderr.count("Traceback"))
        eventually(lambda: server.stored)
        uploaders.gone(done.state / "demo")
        [sent] = server.stored.values()
        assert 2 == envelope.unseal(sent)[1]["contexts"]["crashguard"]["occurrences"]


def test_a_copy_alone_needs_nothing_of_the_original(run: Run, vendored: Path) -> None:
    """Where no other crashguard is installed, its uploader imports the copy and sends."""
    with Server() as server:
        program = (
            PROGRAM.format(name="acme_crashguard", app="demo", dsn=server.dsn, how="background")
            + "import sys; assert 'crashguard' not in sys.modules\n"
            + CRASH
        )
        done = run(program, env={"PYTHONPATH": str(vendored)}, python=sys.executable)
        eventually(lambda: server.stored, lambda: done.stderr)
    uploaders.gone(done.state / "demo")
