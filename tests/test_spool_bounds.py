"""The spool's bounds and what it does to a file: which reports go first, what is noted, what stays."""

import os
import stat
import time
from pathlib import Path

import pytest

from crashguard import files, paths, policy
from crashguard.config import Config
from crashguard.recovery.recover import recover, withdraw
from crashguard.registry.records import Record, write_count
from crashguard.report import envelope
from crashguard.spool import journal, rate_limit, reports
from crashguard.spool.store import Spool

DAY = 24 * 3600
NOW = 1_900_000_000.0


@pytest.fixture
def spool() -> Spool:
    return Spool(paths.spool_dir("demo"))


def lay(
    spool: Spool,
    number: int,
    group: str = "aaaaaaaa",
    *,
    state: str = paths.WAITING,
    when: float | None = None,
    size: int = 0,
) -> str:
    """Lay a report as the spool's own files lie; its name."""
    folder = Path(spool.folder(state))
    folder.mkdir(parents=True, exist_ok=True)
    when = time.time() if when is None else when
    event_id = f"{number:032x}"
    data = envelope.seal(
        {"event_id": event_id, "release": "demo@1", "exception": {"values": []}, "x": "x" * size}, None
    )
    name = f"{int(when * 1000) + number}-{group}-{event_id}.envelope"
    (folder / name).write_bytes(data)
    os.utime(folder / name, (when, when))
    return name


def outcomes(spool: Spool) -> list[tuple[str, str, str]]:
    return [(outcome, event_id, reason) for _, outcome, event_id, reason in journal.entries(spool.root)]


# Which go first


def test_a_hundred_are_kept(spool: Spool) -> None:
    """Within the bounds nothing is dropped, and nothing is noted."""
    names = [lay(spool, number, f"{number:08x}") for number in range(100)]

    assert 0 == spool.prune(paths.WAITING)
    spool.limit(paths.WAITING)
    assert names == spool.names(paths.WAITING)
    assert [] == outcomes(spool)


def test_one_more_than_a_hundred_drops_the_oldest(spool: Spool) -> None:
    """Where each is the only one of its group, age decides."""
    names = [lay(spool, number, f"{number:08x}") for number in range(101)]

    assert 1 == spool.prune(paths.WAITING)
    assert names[1:] == spool.names(paths.WAITING)
    assert [("pruned", "-", "1 in waiting: over the bounds")] == outcomes(spool)


def test_a_storm_of_one_group_does_not_push_out_the_others(spool: Spool) -> None:
    """Of each group the first and the newest stay longest: the middle of a storm goes, its oldest first."""
    rare = [lay(spool, number, f"{number:08x}") for number in range(40)]
    storm = [lay(spool, number, "ffffffff") for number in range(100, 180)]

    assert 20 == spool.prune(paths.WAITING)
    assert [*rare, storm[0], *storm[21:]] == spool.names(paths.WAITING)


def test_the_newest_of_a_group_stays_where_its_storm_is_over(spool: Spool) -> None:
    """An old kind's last report says when it was seen last; its first goes before that."""
    old = [lay(spool, number, "eeeeeeee") for number in range(3)]
    young = [lay(spool, number, f"{number:08x}") for number in range(10, 109)]

    assert 2 == spool.prune(paths.WAITING)
    assert [old[2], *young] == spool.names(paths.WAITING)


def test_a_dying_process_deletes_some_of_far_too_many(spool: Spool) -> None:
    """What a crash does about a full spool is bounded; the next crashes and the uploader go on with it."""
    names = [lay(spool, number, f"{number % 7:08x}") for number in range(450)]
    spool.limit(paths.WAITING)

    left = spool.names(paths.WAITING)
    assert 350 == len(left)
    assert set(names[200:]) <= set(left)  # the oldest go
    assert set(names[:7]) <= set(left)  # but the first of each group
    for _ in range(5):
        spool.limit(paths.WAITING)
    assert len(spool.names(paths.WAITING)) <= 100


def test_a_crash_in_a_storm_makes_room_for_the_next(spool: Spool) -> None:
    """What a dying process tidies is enough for a while: it must not tidy at every crash."""
    for number in range(101):
        lay(spool, number, f"{number:08x}")
    spool.limit(paths.WAITING)

    left = len(spool.names(paths.WAITING))
    assert 80 <= left < 100
    for number in range(200, 205):
        lay(spool, number, f"{number:08x}")
        spool.limit(paths.WAITING)
    assert left + 5 == len(spool.names(paths.WAITING))


@pytest.mark.parametrize("state", [paths.WAITING, paths.LOCAL, paths.SENT, paths.REJECTED, paths.RECORDING])
def test_nothing_is_older_than_a_month(spool: Spool, state: str) -> None:
    """Sentry takes the time of arrival for an event that is thirty days old; it goes a day before."""
    old = [lay(spool, number, state=state, when=NOW - 29 * DAY - 60) for number in (1, 2)]
    young = lay(spool, 3, state=state, when=NOW - 29 * DAY + 60)

    assert 2 == spool.prune(state, now=NOW)
    assert [young] == spool.names(state)
    assert not any(os.path.exists(os.path.join(spool.folder(state), name)) for name in old)


def test_a_crash_tidies_what_is_too_old(spool: Spool) -> None:
    """A process that keeps one report drops the one of two months ago."""
    lay(spool, 1, when=time.time() - 60 * DAY)
    young = lay(spool, 2, when=time.time() - 20 * DAY)
    spool.limit(paths.WAITING)

    assert [young] == spool.names(paths.WAITING)


def test_twenty_mebibytes_are_kept(spool: Spool) -> None:
    """However few they are: the oldest go until the rest fits."""
    names = [lay(spool, number, f"{number:08x}", size=800_000) for number in range(30)]
    spool.limit(paths.WAITING)

    left = spool.names(paths.WAITING)
    size = sum(os.path.getsize(os.path.join(spool.folder(paths.WAITING), name)) for name in left)
    assert names[-len(left) :] == left
    assert 19 * 2**20 < size <= 20 * 2**20


def test_large_reports_below_that_are_left_alone(spool: Spool) -> None:
    """Twenty-five of them may be there."""
    names = [lay(spool, number, f"{number:08x}", size=800_000) for number in range(25)]
    spool.limit(paths.WAITING)

    assert names == spool.names(paths.WAITING)


def test_one_storm_of_large_reports_does_not_push_out_a_small_one(spool: Spool) -> None:
    """Bytes count as the number does: what is neither first nor newest of its group goes."""
    rare = lay(spool, 1, "bbbbbbbb", when=time.time() - 60)
    storm = [lay(spool, number, "ffffffff", size=800_000) for number in range(10, 40)]
    spool.prune(paths.WAITING)

    left = spool.names(paths.WAITING)
    assert {rare, storm[0], storm[-1]} <= set(left)
    assert storm[1] not in left


# What is done to a file


def test_a_move_is_noted_and_dated(spool: Spool) -> None:
    """When it was sent counts, not when it was recorded; the folder that is made for it is private."""
    name = lay(spool, 7, when=1_000_000_000)
    before = int(time.time())

    assert spool.move(name, paths.WAITING, paths.SENT, "sent", "status 200")
    target = Path(spool.folder(paths.SENT)) / name
    assert before <= target.stat().st_mtime <= time.time() + 1
    assert 0o700 == stat.S_IMODE(target.parent.stat().st_mode)
    assert [("sent", f"{7:032x}", "status 200")] == outcomes(spool)


def test_what_is_gone_is_not_moved_and_not_noted(spool: Spool) -> None:
    """Another process was quicker."""
    name = lay(spool, 7)
    os.unlink(os.path.join(spool.folder(paths.WAITING), name))

    assert not spool.move(name, paths.WAITING, paths.SENT, "sent")
    assert not spool.discard(name, paths.WAITING, "no")
    assert [] == outcomes(spool)


def test_a_report_that_is_deleted_is_noted(spool: Spool) -> None:
    """With the reason."""
    name = lay(spool, 7)

    assert spool.discard(name, paths.WAITING, "telemetry level none")
    assert [("deleted", f"{7:032x}", "telemetry level none")] == outcomes(spool)


def test_a_no_deletes_what_would_have_been_sent(spool: Spool) -> None:
    """What waits, minimal records, and the counts of what was suppressed; what stays here anyway stays."""
    for number, state in enumerate((paths.RECORDING, paths.WAITING, paths.LOCAL, paths.SENT)):
        lay(spool, number, state=state)
    rate_limit.suppress(spool.root, "aaaaaaaa", 3)

    assert 2 == withdraw(spool)
    assert [0, 0, 1, 1] == [
        len(spool.names(state)) for state in (paths.RECORDING, paths.WAITING, paths.LOCAL, paths.SENT)
    ]
    assert [("deleted", "telemetry level says no")] * 2 == [
        (outcome, reason) for outcome, _, reason in outcomes(spool)
    ]
    assert 0 == rate_limit.take_suppressed(spool.root, "aaaaaaaa")


def test_what_is_set_aside_is_dated_and_noted(spool: Spool) -> None:
    """It is kept for people, as long as any report."""
    folder = Path(spool.folder(paths.WAITING))
    folder.mkdir(parents=True)
    (folder / "note").write_text("mine")
    os.utime(folder / "note", (1_000, 1_000))
    before = int(time.time())

    assert [] == spool.names(paths.WAITING)
    moved = Path(spool.folder(paths.BROKEN)) / "note"
    assert before <= moved.stat().st_mtime <= time.time() + 1
    assert [("broken", "-", "note: not a report of crashguard")] == outcomes(spool)
    assert ["note"] == spool.names(paths.BROKEN)
    assert 0 == spool.prune(paths.BROKEN)
    assert 1 == spool.prune(paths.BROKEN, now=time.time() + 30 * DAY)


NAMES = {
    f"1-a-{1:032x}.envelope": True,
    f"1234567890123456789-a-{1:032x}.envelope": True,
    f"12345678901234567890-a-{1:032x}.envelope": False,
    f"1-a-{1:032x}": False,
    f"1-{1:032x}.envelope": False,
    f"1-a-b-{1:032x}.envelope": False,
    f"x-a-{1:032x}.envelope": False,
    f"-a-{1:032x}.envelope": False,
    f"\u0661-a-{1:032x}.envelope": False,
    f"-1-a-{1:032x}.envelope": False,
}


@pytest.mark.parametrize(("name", "is_report"), NAMES.items())
def test_what_is_a_report_by_its_name(spool: Spool, name: str, is_report: bool) -> None:
    """Three parts and an ending; whatever else lies there is somebody else's."""
    folder = Path(spool.folder(paths.WAITING))
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"")

    assert is_report == (name in spool.names(paths.WAITING))


def test_reports_are_listed_oldest_first(spool: Spool) -> None:
    """Whatever order the file system has."""
    times = [5, 3, 9, 1, 7]
    names = [lay(spool, number, when=NOW + when) for number, when in enumerate(times)]

    assert sorted(names) == spool.names(paths.WAITING)
    assert sorted(names) == [report.name for report in reports.reports(spool)]


def test_a_writer_that_was_killed_leaves_nothing_for_ever(spool: Spool) -> None:
    """Its temporary file goes after some minutes, also beside the folders; one that is written now stays."""
    lay(spool, 1)
    places = [Path(spool.root), Path(spool.folder(paths.WAITING))]
    for place in places:
        for name, age in ((".old.partial", 1_000), (".young.partial", 300)):
            (place / name).write_bytes(b"x")
            os.utime(place / name, (time.time() - age,) * 2)
    recover(spool)
    spool.limit(paths.WAITING)

    assert [[".young.partial"]] * 2 == [
        sorted(name for name in os.listdir(place) if name.endswith(".partial")) for place in places
    ]


def test_what_an_app_is_said_to_be_follows_its_latest_version(spool: Spool) -> None:
    """Beside its reports; what was cut short by a full disk is written again."""
    lay(spool, 1)
    assert "" == spool.metadata()
    spool.set_metadata("ACME_TELEMETRY_LEVEL")
    spool.set_metadata("OTHER_TELEMETRY_LEVEL")
    assert "OTHER_TELEMETRY_LEVEL" == spool.metadata()

    [about] = [path for path in Path(spool.root).iterdir() if path.is_file()]
    about.write_text("")
    spool.set_metadata("OTHER_TELEMETRY_LEVEL")
    assert "OTHER_TELEMETRY_LEVEL" == spool.metadata()


def test_an_app_that_cannot_be_described_has_its_reports(spool: Spool) -> None:
    """Nothing is raised where the folder is not there, or is no folder."""
    spool.set_metadata("ACME_TELEMETRY_LEVEL")
    assert "" == spool.metadata()


def test_the_clock_of_a_machine_without_a_battery(spool: Spool) -> None:
    """Recorded in 1970 by its name and in 1970 by its file: it counts from now on. By its file, from then."""
    name = lay(spool, 1, when=100)
    assert 0 == spool.prune(paths.WAITING, now=NOW)
    path = os.path.join(spool.folder(paths.WAITING), name)
    os.utime(path, (NOW - 10 * DAY,) * 2)
    assert 0 == spool.prune(paths.WAITING, now=NOW)
    os.utime(path, (NOW - 30 * DAY,) * 2)
    assert 1 == spool.prune(paths.WAITING, now=NOW)


@pytest.mark.parametrize("when", [100, 950_000_000, 1_420_000_000])
def test_what_a_wrong_clock_recorded_is_no_older_than_the_rest(spool: Spool, when: float) -> None:
    """1970, 2000, 2015: no report is older than the Python that it needs. Over the bound, the oldest goes."""
    wrong = lay(spool, 500, "eeeeeeee", when=when)
    assert 0 == spool.prune(paths.WAITING)
    names = [lay(spool, number, f"{number:08x}", when=time.time() - 3_600) for number in range(100)]

    assert 1 == spool.prune(paths.WAITING)
    assert {wrong, *names[1:]} == set(spool.names(paths.WAITING))


def test_a_link_is_set_aside_and_what_it_points_to_is_not_touched(spool: Spool, tmp_path: Path) -> None:
    """Somebody laid it there, to have another file sent or dated."""
    other = tmp_path / "other"
    other.write_text("mine")
    os.utime(other, (1_000, 1_000))
    folder = Path(spool.folder(paths.WAITING))
    folder.mkdir(parents=True)
    (folder / f"{int(NOW * 1000)}-aaaaaaaa-{1:032x}.envelope").symlink_to(other)

    assert [] == spool.names(paths.WAITING)
    [moved] = Path(spool.folder(paths.BROKEN)).iterdir()
    assert moved.is_symlink()
    assert (1_000, "mine") == (other.stat().st_mtime, other.read_text())


def test_what_cannot_be_set_aside_is_passed_over(spool: Spool) -> None:
    """Its folder takes nothing: it stays, and the reports beside it are listed."""
    name = lay(spool, 1)
    (Path(spool.folder(paths.WAITING)) / "note").write_text("mine")
    broken = Path(spool.folder(paths.BROKEN))
    broken.mkdir(mode=0o777)
    broken.chmod(0o777)

    assert [name] == spool.names(paths.WAITING)
    assert (Path(spool.folder(paths.WAITING)) / "note").exists()


def test_tidying_raises_nothing_whatever_lies_there(spool: Spool) -> None:
    """No folder, an empty one, one with a stranger's file before all reports."""
    spool.limit(paths.WAITING)
    folder = Path(spool.folder(paths.WAITING))
    folder.mkdir(parents=True)
    spool.limit(paths.WAITING)
    (folder / "!note").write_text("mine")
    name = lay(spool, 1)
    spool.limit(paths.WAITING)

    assert [name] == spool.names(paths.WAITING)


# How often one bug is sent


@pytest.mark.parametrize("state", [paths.SENT, paths.REJECTED])
def test_a_group_is_sent_once_in_a_day(spool: Spool, state: str) -> None:
    """The day begins when the last one went, whichever way; another kind is another bug."""
    name = lay(spool, 1, "aaaaaaaa", state=state, when=NOW - DAY + 60)
    assert policy.REPEATS_SENT == rate_limit.why_not(spool.root, "aaaaaaaa", NOW)
    assert rate_limit.why_not(spool.root, "bbbbbbbb", NOW) is None

    os.utime(os.path.join(spool.folder(state), name), (NOW - DAY - 60,) * 2)
    assert rate_limit.why_not(spool.root, "aaaaaaaa", NOW) is None


def test_one_from_a_future_day_has_another_clocks_time(spool: Spool) -> None:
    """A clock that was set back must not hold back a bug for years."""
    lay(spool, 1, "aaaaaaaa", state=paths.SENT, when=NOW + DAY + 60)

    assert rate_limit.why_not(spool.root, "aaaaaaaa", NOW) is None
    assert policy.REPEATS_SENT == rate_limit.why_not(spool.root, "aaaaaaaa", NOW + 2 * 60)


def test_a_group_that_waits_is_not_sent_twice(spool: Spool) -> None:
    """The one that waits counts the others; for itself it is no reason."""
    lay(spool, 1, "aaaaaaaa")

    assert policy.REPEATS_WAITING == rate_limit.why_not(spool.root, "aaaaaaaa", NOW)
    assert rate_limit.why_not(spool.root, "bbbbbbbb", NOW) is None
    assert rate_limit.why_not(spool.root, "aaaaaaaa", NOW, also_waiting=False) is None


@pytest.mark.parametrize("state", [paths.SENT, paths.REJECTED])
def test_a_machine_sends_a_hundred_in_a_day(spool: Spool, state: str) -> None:
    """However many bugs it finds; one of another day makes room."""
    names = [lay(spool, number, f"{number:08x}", state=state, when=NOW - 60) for number in range(99)]
    assert rate_limit.why_not(spool.root, "ffffffff", NOW) is None
    names.append(lay(spool, 200, "cccccccc", state=state, when=NOW - 60))
    assert policy.DAILY_LIMIT == rate_limit.why_not(spool.root, "ffffffff", NOW)

    os.utime(os.path.join(spool.folder(state), names[0]), (NOW - 2 * DAY,) * 2)
    assert rate_limit.why_not(spool.root, "ffffffff", NOW) is None


def test_suppressed_crashes_are_reported_once(spool: Spool) -> None:
    """Each adds to the count of its group; who asks takes it."""
    for _ in range(5):
        rate_limit.suppress(spool.root, "aaaaaaaa")
    rate_limit.suppress(spool.root, "aaaaaaaa", 7)
    rate_limit.suppress(spool.root, "bbbbbbbb")

    assert [12, 0, 1, 0] == [
        rate_limit.take_suppressed(spool.root, kind) for kind in ("aaaaaaaa",) * 2 + ("bbbbbbbb",) * 2
    ]


def test_figures_are_private(spool: Spool) -> None:
    """How often somebody's tool crashed is nobody else's business."""
    rate_limit.suppress(spool.root, "aaaaaaaa")

    [figure] = Path(spool.root).rglob("aaaaaaaa*")
    assert (0o600, 0o700) == (stat.S_IMODE(figure.stat().st_mode), stat.S_IMODE(figure.parent.stat().st_mode))


def test_figures_that_nobody_adds_to_are_forgotten(spool: Spool) -> None:
    """A bug that is mended leaves no file for ever; one that still happens keeps its figure."""
    for kind in ("aaaaaaaa", "bbbbbbbb", "cccccccc"):
        rate_limit.suppress(spool.root, kind, 2)
    for kind, age in (("aaaaaaaa", 100), ("bbbbbbbb", 10)):
        [figure] = Path(spool.root).rglob(f"{kind}*")
        os.utime(figure, (NOW - age,) * 2)
    rate_limit.delete_counts(spool.root, older_than=NOW - 50)
    assert [0, 2] == [rate_limit.take_suppressed(spool.root, kind) for kind in ("aaaaaaaa", "bbbbbbbb")]

    rate_limit.delete_counts(spool.root)
    assert 0 == rate_limit.take_suppressed(spool.root, "cccccccc")


def test_a_figure_that_was_taken_leaves_nothing(spool: Spool) -> None:
    """A folder of empty files would grow for ever."""
    rate_limit.suppress(spool.root, "aaaaaaaa", 3)
    assert 3 == rate_limit.take_suppressed(spool.root, "aaaaaaaa")

    assert [] == [path for path in Path(spool.root).rglob("*") if path.is_file()]


def test_what_another_process_takes_meanwhile_is_passed_over(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there when the folder was read: the others are still looked at."""
    for group in ("aaaaaaaa", "bbbbbbbb"):
        rate_limit.suppress(spool.root, group)
    lay(spool, 1, "aaaaaaaa", state=paths.SENT, when=NOW - 60)
    lay(spool, 2, "bbbbbbbb", state=paths.SENT, when=NOW - 60)
    lstat = os.lstat

    def gone(path: str) -> os.stat_result:
        if "aaaaaaaa" in str(path):
            raise FileNotFoundError(2, "gone", path)
        return lstat(path)

    monkeypatch.setattr(os, "lstat", gone)
    assert rate_limit.why_not(spool.root, "aaaaaaaa", NOW) is None
    assert policy.REPEATS_SENT == rate_limit.why_not(spool.root, "bbbbbbbb", NOW)
    rate_limit.delete_counts(spool.root, older_than=time.time() + 60)
    monkeypatch.undo()

    assert [1, 0] == [rate_limit.take_suppressed(spool.root, group) for group in ("aaaaaaaa", "bbbbbbbb")]


def test_where_nothing_can_be_written_nothing_is_raised(tmp_path: Path) -> None:
    """A figure is lost, not a report."""
    (tmp_path / "file").write_text("")
    rate_limit.suppress(str(tmp_path / "file"), "aaaaaaaa")

    assert 0 == rate_limit.take_suppressed(str(tmp_path / "file"), "aaaaaaaa")
    assert rate_limit.why_not(str(tmp_path / "file"), "aaaaaaaa", NOW) is None
    rate_limit.delete_counts(str(tmp_path / "file"))


def test_two_reports_of_one_bug_take_no_counts_from_each_other(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes that met it at one moment both wait; each counts in its own report, whatever the order."""
    config = Config(app="demo", version="1", dsn="http://k@127.0.0.1:9/1")
    known = []
    for number in (1, 2):
        path = Path(spool.folder(paths.WAITING), lay(spool, number))
        record = Record(f"{number:032x}", NOW)
        record.path, record.group = str(path), "aaaaaaaa"
        record.event = {"event_id": record.event_id, "contexts": {"crashguard": {"occurrences": 1}}}
        known.append(record)
        for _ in range(15):
            record.count()
        write_count(record, config, apart=True)
        record.count()
    first, second = known
    move = files.move

    def in_between(source: str, target: str) -> None:
        monkeypatch.setattr(files, "move", move)
        move(source, target)
        write_count(second, config, apart=False)

    monkeypatch.setattr(files, "move", in_between)
    write_count(first, config, apart=False)

    written = [envelope.unseal(Path(record.path).read_bytes())[1] for record in known]
    assert [17, 17] == [event["contexts"]["crashguard"]["occurrences"] for event in written]
    assert [] == list(Path(spool.root, "suppressed").glob("*"))
