"""The journal: one line for what became of a report. It is for people, and does not grow for ever."""

import stat
import threading
import time
from pathlib import Path

import pytest

from crashguard.spool import journal
from tests.conftest import Run

INSTALL = """
import os
import crashguard
crashguard.install(app="demo", version="1.0", note=False, native=False, delivery="deferred")
"""
KILLED = INSTALL + "os.kill(os.getpid(), 9)\n"  # the next run notes it


def test_a_journal_that_is_full_is_kept_whole(run: Run) -> None:
    """A new file begins; what people read is the lines that were written, none of them in part."""
    path = run(KILLED).state / "demo" / "journal"
    run(INSTALL)
    [line] = path.read_text().splitlines()

    many = [line] * (40_000 // (len(line) + 1))
    path.write_text("".join(f"{each}\n" for each in many))
    run(KILLED)
    run(INSTALL)
    run(KILLED)
    run(INSTALL)

    assert [*many, "killed"] == [*path.with_name("journal-earlier").read_text().splitlines()[:-1], "killed"]
    [last] = path.read_text().splitlines()
    assert line.split()[1:] == last.split()[1:]
    assert int(line.split()[0]) <= int(last.split()[0])
    assert len(many) + 2 == len(journal.entries(str(path.parent)))


@pytest.mark.parametrize("room", [100, 1_000, 5_000, 20_000])
def test_no_line_is_lost_where_many_write(root: str, room: int) -> None:
    """The file gets full meanwhile: who had it open then writes into one that is read all the same."""
    Path(root, "journal").write_text("1 old - x\n" * ((32 * 1024 - room) // 10))
    writers, lines = 8, 40
    start = threading.Barrier(writers)

    def write(writer: int) -> None:
        start.wait()
        for number in range(lines):
            journal.note(root, f"w{writer}", str(number), "x" * 60)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = {(outcome, number) for _, outcome, number, _ in journal.entries(root)}
    assert found >= {(f"w{writer}", str(number)) for writer in range(writers) for number in range(lines)}


@pytest.fixture
def root(tmp_path: Path) -> str:
    folder = tmp_path / "spool"
    folder.mkdir()
    return str(folder)


def test_a_line_says_when_what_which_and_why(root: str) -> None:
    """In this order, in one line, whatever the reason looks like; only its user can read it."""
    before = int(time.time())
    journal.note(root, "sent", "0123", "status  200\n  of a\tserver ")
    journal.note(root, "killed")

    [(when, *sent), (_, *killed)] = journal.entries(root)
    assert before <= when <= time.time()
    assert ["sent", "0123", "status 200 of a server"] == sent
    assert ["killed", "-", ""] == killed
    [file] = Path(root).iterdir()
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert 2 == file.read_text().count("\n")


def test_a_long_reason_is_cut(root: str) -> None:
    """A server's answer may be a web page."""
    journal.note(root, "rejected", "0123", "x" * 150 + "y" * 5_000)

    [(_, _, _, reason)] = journal.entries(root)
    assert reason.startswith("x" * 150)
    assert 150 < len(reason) <= 300


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("1700000000 sent abc status 200", True),
        ("1700000000 sent", True),
        ("99999999999 sent abc", True),
        ("999999999999 sent abc", False),
        ("yesterday sent abc", False),
        ("\u0661\u0662 sent abc", False),
        ("1700000000", False),
        ("1700000000  abc", False),
        ("", False),
    ],
)
def test_what_is_no_line_of_ours_is_passed_over(root: str, line: str, known: bool) -> None:
    """Somebody wrote into it; what stands around is still read."""
    Path(root, "journal").write_text(f"1 first - x\n{line}\n2 last - y\n")

    assert ["first", *(["sent"] if known else []), "last"] == [entry[1] for entry in journal.entries(root)]


def test_what_is_not_text_is_passed_over_too(root: str) -> None:
    """A disk that is about to die."""
    Path(root, "journal").write_bytes(b"1 first - x\n\xff\xfe\0\n2 last - \xff\n")

    assert ["first", "last"] == [entry[1] for entry in journal.entries(root)]


def test_no_journal_and_no_place_for_one_are_no_error(root: str) -> None:
    """It is for people; what it would tell of has happened all the same. A folder in its place is moved away."""
    assert [] == journal.entries(root)
    journal.note(f"{root}/not there", "sent")
    Path(root, "journal").mkdir()
    assert [] == journal.entries(root)
    journal.note(root, "sent")
    assert ["sent"] == [outcome for _, outcome, _, _ in journal.entries(root)]


def test_a_link_is_neither_followed_nor_read(root: str) -> None:
    """Somebody laid it there, to have another file written to or shown; it is moved away itself."""
    other = Path(root, "other")
    other.write_text("1 secret - x\n")
    Path(root, "journal").symlink_to(other)
    assert [] == journal.entries(root)
    journal.note(root, "sent")

    assert "1 secret - x\n" == other.read_text()
    assert ["sent"] == [outcome for _, outcome, _, _ in journal.entries(root)]


def test_it_holds_hundreds_of_lines_and_stays_small(root: str) -> None:
    """Whatever happens: the newest are there, and the file is of some tens of kilobytes."""
    sizes, least = [], 10_000
    for number in range(3_000):
        journal.note(root, "retry", f"{number:032x}", "the network is down")
        if number >= 2_000 and number % 50 == 0:
            found = journal.entries(root)
            assert f"{number:032x}" == found[-1][2]
            assert [entry[2] for entry in found] == [
                f"{n:032x}" for n in range(number + 1 - len(found), number + 1)
            ]
            least = min(least, len(found))
            sizes.append(sum(path.stat().st_size for path in Path(root).iterdir()))

    assert max(sizes) <= 66_000
    assert min(sizes) > 25_000
    assert least > 300
