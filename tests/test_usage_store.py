"""Batches on disk: claimed by one process only, whole or not at all, and never in the way of a sync."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crashguard import files
from crashguard.usage.meter import new_request_id
from crashguard.usage.store import SET_ASIDE, Claim, Owner, Store
from crashguard.usage.wire import Batch, Meta

ROOT = Path(__file__).parent.parent
META = Meta("acme", "source", "orders", "a1" * 32)


def batch(rows: int = 5) -> Batch:
    return Batch(new_request_id(), META, rows, (("customers", 2), ("orders\ud800", rows - 2)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "usage"
    folder.mkdir(mode=0o700)
    return folder


def dead(folder: Path, *batches: Batch, account: str = "an account") -> None:
    """What a killed process leaves: its batches, and a lock that nobody holds."""
    store = Store(str(folder), account)
    for each in batches:
        store.save(each)
    store.forget()  # closes the descriptor, as the kernel does


def test_what_a_dead_process_owed_is_claimed_as_it_was(folder: Path) -> None:
    """Same id, same content; the oldest first; and from then on it is the claimer's."""
    owed = [batch(3), batch(4), batch(5)]
    dead(folder, *owed)
    for age, each in enumerate(reversed(owed)):
        [path] = folder.glob(f"*{each.request_id}.json")
        os.utime(path, (1000 + age, 1000 + age))
    store = Store(str(folder), "an account")

    assert owed[::-1] == store.claim()
    assert all(store.has(each) for each in owed)
    for each in owed:
        store.remove(each)
    store.close()
    assert [] == list(folder.iterdir())


def test_what_a_living_process_owes_is_its_own(folder: Path) -> None:
    """Nobody else claims it while its owner's lock is held, in this process or another."""
    alive = Store(str(folder), "an account")
    alive.save(batch())
    assert [] == Store(str(folder), "an account").claim()
    assert "[]" == _claim_in_another_process(folder)
    alive.close()

    assert "[5]" == _claim_in_another_process(folder)


@pytest.mark.slow
def test_two_processes_never_claim_the_same_batch(folder: Path) -> None:
    """Six at once, forty batches: each is claimed once."""
    dead(folder, *[batch(number) for number in range(3, 23)])
    dead(folder, *[batch(number) for number in range(23, 43)])
    processes = [
        subprocess.Popen(_claimer(folder), stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdout is not None
        assert "ready\n" == process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    claimed: list[int] = []
    for process in processes:
        assert process.stdout is not None
        claimed += json.loads(process.stdout.readline())
    for process in processes:
        process.communicate("end\n", timeout=20)

    assert list(range(3, 43)) == sorted(claimed)


def test_batches_of_other_accounts_are_left_alone(folder: Path) -> None:
    """Another team or server: only a run with its token can send them."""
    dead(folder, batch(3), batch(4))
    dead(folder, batch(5), account="another account")

    assert [3, 4] == sorted(each.rows for each in Store(str(folder), "an account").claim())
    assert [5] == [each.rows for each in Store(str(folder), "another account").claim()]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x00\xff",
        b"[]",
        b"{}",
        b'{"format": 1, "account": "an account", "usage": {}}',
        b'{"format": 1, "account": "an account", "usage": {"rows": 1e400}}',
        b'{"format": "1", "account": "an account"}',
        b"[" * 100_000,
        b'{"format": 1, "account": "an account", "usage": %s}'
        % json.dumps(batch().body()).encode(),  # other id
    ],
)
def test_a_broken_file_is_set_aside(folder: Path, broken: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """It stops neither the sync nor the batches beside it, and people can still look at it."""
    good, bad = batch(3), batch(4)
    dead(folder, good, bad)
    [path] = folder.glob(f"*{bad.request_id}.json")
    path.write_bytes(broken)

    assert [good] == Store(str(folder), "an account").claim()
    [aside] = (folder / SET_ASIDE).iterdir()
    assert broken == aside.read_bytes()
    assert "set aside" in caplog.text


def test_what_a_newer_version_wrote_is_left_to_it(folder: Path) -> None:
    """It is owed all the same."""
    dead(folder, batch(3))
    [path] = folder.glob("*.json")
    path.write_text(json.dumps({"format": 2, "what": "is it?"}))

    assert [] == Store(str(folder), "an account").claim()
    assert path.exists()


def test_links_pipes_folders_and_foreign_names_do_no_harm(folder: Path) -> None:
    """Nothing is followed, waited for, or removed that is not a batch."""
    name = "0" * 32
    os.mkfifo(folder / f"{name}.{new_request_id()}.json")
    (folder / f"{name}.{new_request_id()}.json").symlink_to("/etc/passwd")
    (folder / f"{name}.{new_request_id()}.json").mkdir()
    (folder / "notes.txt").write_text("mine")
    dead(folder, batch(3))

    assert [3] == [each.rows for each in Store(str(folder), "an account").claim()]
    assert "mine" == (folder / "notes.txt").read_text()


def test_a_half_written_file_of_a_dead_process_is_removed(folder: Path) -> None:
    """It never was durable; that of a living one stays."""
    dead(folder, batch(3))
    [path] = folder.glob("*.json")
    half = folder / f".{path.name}.4711.0a1b2c3d.partial"
    half.write_text("{")
    alive = Store(str(folder), "an account")
    alive.save(batch())
    owner = alive._owner
    assert owner is not None
    writing = folder / f".{owner.name}.{new_request_id()}.json.4711.0a1b2c3d.partial"
    writing.write_text("{")

    Store(str(folder), "an account").claim()
    assert not half.exists()
    assert writing.exists()


def test_a_lock_that_was_taken_between_making_and_locking_is_made_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that looks for the dead at that moment must not make a living one look dead for good."""
    names: list[str] = []
    opened = os.open

    def open_and_be_robbed(path: str, *args: int, **kwargs: int) -> int:
        descriptor = opened(path, *args, **kwargs)
        names.append(path)
        if len(names) == 1:
            os.unlink(path)
        return descriptor

    with monkeypatch.context() as patch:
        patch.setattr(files.system, "open", open_and_be_robbed)
        owner = Owner(str(folder))

    assert 2 == len(names)
    assert [f"{owner.name}.lock"] == os.listdir(folder)
    with Claim(str(folder), owner.name) as claim:
        assert not claim.is_granted


def test_a_folder_of_somebody_else_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Usage is not written where another user could read or forge it."""
    monkeypatch.setattr(files.system, "geteuid", lambda: 12345)
    with pytest.raises(PermissionError, match="another user"):
        Store(str(folder), "an account").save(batch())


def test_a_link_in_place_of_the_folder_is_not_followed(folder: Path) -> None:
    """Not even to a folder of one's own."""
    (folder / "real").mkdir()
    (folder / "usage").symlink_to(folder / "real")
    with pytest.raises(NotADirectoryError):
        Store(str(folder / "usage"), "an account").save(batch())


def test_a_failed_write_leaves_the_earlier_state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk in mid-write: what was durable stays durable, and has() does not claim more."""
    store = Store(str(folder), "an account")
    small = batch(5)
    large = Batch(small.request_id, META, 9)
    store.save(small)

    def full(descriptor: int, data: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(files.system, "write", full)
        store.save(large)

    assert not store.has(large)
    assert store.has(small)
    store.forget()
    assert [small] == Store(str(folder), "an account").claim()


def test_short_writes_are_completed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """write() may take less than it was given."""
    write = os.write
    monkeypatch.setattr(files.system, "write", lambda descriptor, data: write(descriptor, data[:7]))
    owed = batch()
    dead(folder, owed)

    assert [owed] == Store(str(folder), "an account").claim()


class Disk:
    """A disk that keeps, over a power cut, only what was fsynced: contents by the file, names by the folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._synced: set[int] = set()  # inodes of files whose content is safe
        self._undo: dict[str, bytes | None] = {}  # what stands under names that are not safe yet
        replace, fsync = os.replace, os.fsync

        def replaced(source: str, target: str) -> None:
            before = Path(target)
            self._undo.setdefault(target, before.read_bytes() if before.exists() else None)
            replace(source, target)

        def fsynced(descriptor: int) -> None:
            fsync(descriptor)
            self._synced.add(os.fstat(descriptor).st_ino)
            if os.path.samestat(os.fstat(descriptor), os.stat(folder)):
                self._undo.clear()

        monkeypatch.setattr(files.system, "replace", replaced)
        monkeypatch.setattr(files.system, "fsync", fsynced)

    def power_cut(self) -> None:
        for name, before in self._undo.items():
            Path(name).unlink()
            if before is not None:
                Path(name).write_bytes(before)
        for path in self._folder.glob("*.json"):
            if path.stat().st_ino not in self._synced:
                path.write_bytes(b"")


def test_a_power_cut_takes_nothing_that_was_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once save() has returned, content and name are on disk: of a new batch, and of one that has grown."""
    small, other = batch(5), batch(3)
    large = Batch(small.request_id, META, 9)
    with monkeypatch.context() as patch:
        disk = Disk(folder, patch)
        dead(folder, small, large, other)
        disk.power_cut()

    claimed = Store(str(folder), "an account").claim()
    assert {large.request_id: 9, other.request_id: 3} == {each.request_id: each.rows for each in claimed}


def _claimer(folder: Path) -> list[str]:
    code = (
        "import json, sys\n"
        "from crashguard.usage.store import Store\n"
        f"store = Store({str(folder)!r}, 'an account')\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "print(json.dumps([batch.rows for batch in store.claim()]), flush=True)\n"
        "sys.stdin.readline()\n"
    )
    return [sys.executable, "-c", code]


def _claim_in_another_process(folder: Path) -> str:
    done = subprocess.run(
        _claimer(folder), input="go\nend\n", capture_output=True, text=True, timeout=30, check=True, cwd=ROOT
    )
    return done.stdout.splitlines()[1]
