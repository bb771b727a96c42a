"""What is on the disk, and not only in the system's memory, when a promise says that it is kept.

A power cut cannot be had in a test. What decides about it can: which file was flushed, and when. The programs here
write down each `fsync` and each rename that is made in them, as the system is asked for it.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Finished, Run
from tests.usage_server import TEAM, TOKEN, UsageServer

# Put before everything else: what crashguard calls is wrapped when crashguard is imported.
WATCHED = """
import json, os, posix, stat, sys
_calls = open(os.environ["CALLS"], "a", buffering=1)
def _wrap(name, describe):
    real = getattr(os, name)
    def wrapper(first, *args, **kwargs):
        told = describe(first, *args)
        done = real(first, *args, **kwargs)
        _calls.write(json.dumps([name, *told]) + "\\n")
        return done
    setattr(os, name, wrapper)
    setattr(posix, name, wrapper)
_wrap("fsync", lambda descriptor: [os.fstat(descriptor).st_ino])
for _name in ("fdatasync",):
    if hasattr(os, _name):
        _wrap(_name, lambda descriptor: [os.fstat(descriptor).st_ino])
for _name in ("rename", "replace", "link"):
    _wrap(_name, lambda source, target: [os.stat(source).st_ino, os.fspath(target)])
def tell(word):
    _calls.write(json.dumps([word]) + "\\n")
"""

CRASH = """
import crashguard
crashguard.install(app="demo", version="1.0", note=False, delivery="deferred", dsn="http://key@127.0.0.1:9/1")
"""


def watched(run: Run, tmp_path: Path, program: str, **env: str) -> tuple[Finished, list[list[object]]]:
    """Run a program; its calls, each [name, inode, target], in the order in which they were made."""
    calls = tmp_path / "calls"
    calls.write_text("")
    done = run(WATCHED + program, env={"CALLS": str(calls), **env})
    return done, [json.loads(line) for line in calls.read_text().splitlines()]


def flushed_before(calls: list[list[object]], inode: int, end: int) -> bool:
    return any(call[0] in ("fsync", "fdatasync") and call[1] == inode for call in calls[:end])


def renames(calls: list[list[object]]) -> Iterator[tuple[int, int, Path]]:
    """(position, inode, target) of each."""
    for position, call in enumerate(calls):
        if call[0] in ("rename", "replace", "link"):
            assert isinstance(call[1], int)
            yield position, call[1], Path(str(call[2]))


@pytest.mark.parametrize(
    "ends",
    [
        "1 / 0\n",
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    crashguard.capture_exception()\n",
        "with crashguard.guard('load', reraise=False):\n    1 / 0\n",
    ],
    ids=["uncaught", "handled", "guarded"],
)
def test_a_report_is_flushed_before_it_has_its_name(run: Run, tmp_path: Path, ends: str) -> None:
    """A name in the spool stands for a whole report, after a power cut too."""
    done, calls = watched(run, tmp_path, CRASH + ends)

    [report] = done.files(folder="waiting")
    named = [(at, inode) for at, inode, target in renames(calls) if target == report]
    assert [report.stat().st_ino] == [inode for _, inode in named]
    assert all(flushed_before(calls, inode, at) for at, inode in named)


def test_a_count_is_flushed_before_it_replaces_the_report(run: Run, tmp_path: Path) -> None:
    """A report whose count is written anew must not become an empty file of the same name."""
    program = "for _ in range(12):\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        crashguard.capture_exception()\n"
    done, calls = watched(run, tmp_path, CRASH + program)

    [report] = done.files(folder="waiting")
    named = [(at, inode) for at, inode, target in renames(calls) if target == report]
    assert len(named) > 1
    assert all(flushed_before(calls, inode, at) for at, inode in named)
    assert 12 == done.event["contexts"]["crashguard"]["occurrences"]


CHOICE = """
from crashguard.consent import choices
choices.save_choice("none", since="2026-01-31T12:00:00Z")
"""


def test_a_no_is_flushed_before_it_has_its_name(run: Run, tmp_path: Path, home: Path) -> None:
    """After a power cut a user's no must not be an empty file, which somebody would have to explain."""
    _, calls = watched(run, tmp_path, CHOICE)

    saved = home / ".config/crashguard/telemetry-level"
    [(at, inode)] = [(at, inode) for at, inode, target in renames(calls) if target == saved]
    assert flushed_before(calls, inode, at)


JOURNAL = """
from crashguard.spool import journal
for number in range(1_000):
    journal.note(os.environ["HOME"], "retry", f"{number:032x}", "the network is down " * 5)
"""


def test_a_full_journal_is_flushed_before_it_replaces_the_one_before(
    run: Run, tmp_path: Path, home: Path
) -> None:
    """What people want to look up after a power cut is not gone with it."""
    _, calls = watched(run, tmp_path, JOURNAL)

    named = [(at, inode) for at, inode, target in renames(calls) if target == home / "journal-earlier"]
    assert named
    assert all(flushed_before(calls, inode, at) for at, inode in named)


BACKOFF = """
from crashguard.transport import backoff
backoff.wait(os.environ["HOME"], 600)
"""


def test_what_a_server_asked_for_is_flushed_before_it_has_its_name(
    run: Run, tmp_path: Path, home: Path
) -> None:
    """After a power cut a server that wants to be left alone is still left alone."""
    _, calls = watched(run, tmp_path, BACKOFF)

    named = [(at, inode) for at, inode, target in renames(calls) if target.parent == home]
    assert named
    assert all(flushed_before(calls, inode, at) for at, inode in named)


USAGE = """
from crashguard import Plugin
from crashguard.usage import Steering, UsageClient
usage = UsageClient(
    Plugin("acme", "source", "orders", "1"),
    url=os.environ["URL"],
    folder=os.environ["FOLDER"],
    steering=Steering(10**9, 1000.0, 1000.0),
    durable_rows=10**9,
    durable_seconds=1000.0,
)
usage.increase(3)
assert usage.checkpoint()
tell("kept")
usage.increase(4)
assert usage.checkpoint()
tell("kept")
os._exit(0)
"""


def test_usage_that_is_kept_survives_a_power_cut(run: Run, tmp_path: Path) -> None:
    """Usage is money: when checkpoint() returns, the rows and their name in the folder are on the disk."""
    folder = tmp_path / "usage"
    with UsageServer() as server:
        done, calls = watched(
            run,
            tmp_path,
            USAGE,
            URL=server.url,
            FOLDER=str(folder),
            CLOUDQUERY_API_KEY=TOKEN,
            _CQ_TEAM_NAME=TEAM,
        )
    assert 0 == done.status, done.stderr

    [batch] = folder.glob("*.json")
    promises = [position for position, call in enumerate(calls) if call == ["kept"]]
    assert 2 == len(promises)
    named = [(at, inode) for at, inode, target in renames(calls) if target == batch]
    assert 2 == len(named)
    for (at, inode), promise in zip(named, promises, strict=True):
        assert at < promise
        assert flushed_before(calls, inode, at)
        assert flushed_before(calls[at:], folder.stat().st_ino, promise - at)
