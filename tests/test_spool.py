"""The spool: durable, private, bounded; foreign and broken files are set aside."""

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from crashguard import SpoolError, files, minimal_record, paths, resolve_telemetry_level
from crashguard.recovery.recover import recover
from crashguard.report import envelope
from crashguard.spool import journal, reports, store
from crashguard.spool.store import Spool
from crashguard.transport.upload import upload
from tests.conftest import Run

ID = "0123456789ab4def8123456789abcdef"


def event(event_id: str = ID, **more: object) -> dict[str, object]:
    return {"event_id": event_id, "release": "demo@1", "exception": {"values": []}, **more}


def keep(
    spool: Spool, number: int = 1, kind: str = "aaaa", *, state: str = store.WAITING, ago: float = 0
) -> str:
    event_id = f"{number:032x}"
    milliseconds = int((time.time() - ago) * 1000) + number
    return spool.keep(envelope.seal(event(event_id), None), event_id, kind, milliseconds, state)


@pytest.fixture
def spool() -> Spool:
    return Spool(paths.spool_dir("demo"))


def mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_report_is_private(spool: Spool) -> None:
    """The file is 0600, every folder on the way 0700, whatever the umask says."""
    old = os.umask(0)
    try:
        path = Path(keep(spool))
    finally:
        os.umask(old)

    assert 0o600 == mode(path)
    assert [0o700] * 3 == [mode(folder) for folder in list(path.parents)[:3]]


def test_a_report_is_there_whole_or_not_at_all(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half way leaves neither a report nor a temporary file."""
    keep(spool, 1)

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.system, "write", full)
    with pytest.raises(OSError, match="No space"):
        keep(spool, 2)

    assert 1 == len(os.listdir(spool.folder(store.WAITING)))


def test_short_writes_are_continued(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that writes a few bytes at a time still gets all of them."""
    real = os.write
    monkeypatch.setattr(files.system, "write", lambda descriptor, data: real(descriptor, bytes(data)[:7]))

    path = spool.keep(envelope.seal(event(), None), ID, "k", 1, store.WAITING)
    assert event() == envelope.unseal(Path(path).read_bytes())[1]


def test_foreign_and_broken_files_are_set_aside(spool: Spool) -> None:
    """What is no report goes to broken/, is noted, and hurts nobody."""
    good = keep(spool)
    folder = Path(spool.folder(store.WAITING))
    (folder / "notes.txt").write_text("mine")
    (folder / f"1-aaaa-{ID}.envelope").write_bytes(b"\0garbage")
    (folder / f"2-aaaa-{ID}.envelope").mkdir()
    (folder / f"3-aaaa-{ID}.envelope").symlink_to("/etc/passwd")

    assert [good] == [report.path for report in reports.reports(spool)]
    assert {"notes.txt", *(f"{n}-aaaa-{ID}.envelope" for n in (1, 2, 3))} == set(
        os.listdir(spool.folder("broken"))
    )
    assert 4 == sum(outcome == "broken" for _, outcome, _, _ in journal.entries(spool.root))


@pytest.mark.parametrize(
    "strange",
    [
        {"contexts": []},
        {"contexts": {"crashguard": 5}},
        {"exception": "x"},
        {"exception": {"values": "x"}},
        {"exception": {"values": ["x"]}},
        {"exception": {"values": 7}},
    ],
    ids=str,
)
def test_an_event_of_another_shape_holds_up_no_report(spool: Spool, strange: dict[str, object]) -> None:
    """Well-formed, and no report: it is set aside, and what waits behind it is sent."""
    data = envelope.seal(event(**strange), None)
    spool.keep(data, ID, "aaaa", int(time.time() * 1000) - 10, store.WAITING)
    keep(spool, 2)

    assert 1 == upload(spool.root, resolve_telemetry_level("all")).left
    assert [f"{2:032x}"] == [report.event_id for report in reports.reports(spool)]
    assert 1 == len(os.listdir(spool.folder("broken")))


def test_old_partial_files_do_not_stay(spool: Spool) -> None:
    """A temporary file of a writer that was killed goes away; one that is being written stays."""
    keep(spool)
    folder = Path(spool.folder(store.WAITING))
    old, young = folder / ".a.1.partial", folder / ".b.1.partial"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (1, 1))

    assert 1 == len(spool.names(store.WAITING))
    assert (False, True) == (old.exists(), young.exists())


def test_the_spool_is_bounded_by_count(spool: Spool) -> None:
    """Over the bound, the first and the newest of each group stay."""
    for number in range(store.MOST_REPORTS + 20):
        keep(spool, number, "storm")
    rare = os.path.basename(keep(spool, 10_000, "rare", ago=3600))

    spool.prune(store.WAITING)
    names = spool.names(store.WAITING)
    assert store.MOST_REPORTS == len(names)
    storm = [name for name in names if "-storm-" in name]
    assert rare in names
    assert (f"{0:032x}", f"{store.MOST_REPORTS + 19:032x}") == (storm[0][-41:-9], storm[-1][-41:-9])


def test_the_spool_is_bounded_by_age_and_bytes(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stays for thirty days, nor beyond the bytes."""
    keep(spool, 1, ago=30 * 24 * 3600)
    keep(spool, 2)
    assert 1 == spool.prune(store.WAITING)

    monkeypatch.setattr(store, "MOST_BYTES", 300)
    for number in range(3, 9):
        keep(spool, number, f"kind{number}")
    spool.prune(store.WAITING)
    assert (
        sum(os.path.getsize(os.path.join(spool.folder("waiting"), n)) for n in spool.names("waiting")) <= 300
    )


def test_a_no_deletes_what_waits(spool: Spool) -> None:
    """withdraw(): waiting reports go, what stays on the machine anyway is the user's own."""
    keep(spool, 1)
    keep(spool, 2, state=store.LOCAL)
    keep(spool, 3, state=store.SENT)

    assert 1 == spool.withdraw()
    assert (0, 1, 1) == tuple(len(spool.names(state)) for state in (store.WAITING, store.LOCAL, store.SENT))


def minimal(spool: Spool, pid: int, mark: str = "") -> Path:
    folder = Path(spool.folder(store.RECORDING))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{int(time.time() * 1000)}-{minimal_record.new_id()}-{pid}{mark}.envelope"
    path.write_bytes(envelope.seal(event(), "https://key@errors.example/1"))
    return path


def test_minimal_records_of_dead_processes_are_recovered(spool: Spool) -> None:
    """A minimal record of a process that is gone becomes a report; one of a living process waits."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead, silent = minimal(spool, gone.pid), minimal(spool, gone.pid, ".local")
    time_of_start = minimal(spool, os.getpid())

    recover(spool)
    assert (False, False, True) == (dead.exists(), silent.exists(), time_of_start.exists())
    assert (1, 1) == (len(spool.names(store.WAITING)), len(spool.names(store.LOCAL)))


@pytest.mark.parametrize("cut", [0, 1])
def test_a_report_whose_writer_died_before_it_had_its_name_is_taken(run: Run, cut: int) -> None:
    """A run killed, or a thread ended, between the last byte and the name: the report says more than its minimal record."""
    install = "import crashguard\ncrashguard.install(app='demo', version='1.0', note=False)\n"
    killed = run(
        install + "import os, posix\nposix.replace = lambda *_: os.kill(os.getpid(), 9)\n{}['key']\n"
    )
    [partial] = (killed.state / "demo/local").glob(".*.partial")
    data = partial.read_bytes()
    partial.write_bytes(data[: len(data) - 5 * cut])

    recover(Spool(str(killed.state / "demo")))
    [event] = killed.events()
    assert ("'key'", "[not collected]")[cut] == event["exception"]["values"][-1]["value"]
    assert [] == [*(killed.state / "demo/recording").iterdir()]


def test_a_pid_that_was_given_again_is_not_the_same_process(spool: Spool) -> None:
    """A record older than the process that has its pid now belongs to a dead one."""
    path = minimal(spool, os.getpid())
    old = path.with_name(path.name.replace(path.name.split("-")[0], "1000"))
    path.rename(old)

    recover(spool)
    assert not old.exists()


def test_two_writers_and_a_reader_do_not_hurt_each_other(spool: Spool) -> None:
    """Several threads keep while another lists and prunes: every report is there once."""
    keep(spool, 0)

    def write(start: int) -> None:
        for number in range(start, start + 20):
            keep(spool, number)

    writers = [threading.Thread(target=write, args=(start,)) for start in (100, 200, 300)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        reports.reports(spool)
    for writer in writers:
        writer.join()

    assert 61 == len(spool.names(store.WAITING))
    assert not os.path.exists(spool.folder("broken"))


def test_find_takes_the_beginning_of_an_id(spool: Spool) -> None:
    """People type eight digits; none and several are told apart."""
    keep(spool, 0xABC)
    keep(spool, 0xABD)

    assert f"{0xABC:032x}" == reports.find(f"{0xABC:032x}").event_id
    with pytest.raises(SpoolError, match="2 reports"):
        reports.find("0000")
    with pytest.raises(SpoolError, match="no report"):
        reports.find("ffff")


def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    """A link in place of the folder is refused: another user may have laid it."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    with pytest.raises(OSError, match="not a folder"):
        files.private_folder(str(tmp_path / "link"))


def test_the_journal_is_bounded(spool: Spool) -> None:
    """The older of its two files goes when the newer one is over its limit."""
    keep(spool)
    for number in range(2_000):
        journal.note(spool.root, "retry", f"{number:032x}", "network: " + "x" * 100)

    for name in journal.NAMES:
        assert os.path.getsize(os.path.join(spool.root, name)) <= journal._MOST_BYTES + 300
    assert f"{1999:032x}" == journal.entries(spool.root)[-1][2]


def test_what_a_clock_that_was_wrong_recorded_is_not_old(spool: Spool) -> None:
    """Recorded in 1970, by a machine that asked the network for the time later: it still waits to be sent."""
    path = keep(spool, 1, ago=time.time() - 100)
    os.utime(path, (100, 100))

    spool.limit(store.WAITING)
    assert 0 == spool.prune(store.WAITING)
    os.utime(path, (time.time(), time.time()))
    assert 1 == spool.prune(store.WAITING, now=time.time() + 30 * 24 * 3600)
