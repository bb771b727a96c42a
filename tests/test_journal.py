"""The journal: one line for what became of a report. It is for people, and does not grow for ever."""

from tests.conftest import Run

INSTALL = """
import os
import crashguard
crashguard.install(app="demo", version="1.0", note=False, native=False, delivery="deferred")
"""
KILLED = INSTALL + "os.kill(os.getpid(), 9)\n"  # the next run notes it


def test_a_journal_that_is_cut_begins_with_a_whole_line(run: Run) -> None:
    """Half of it goes when it is full; what people read then is lines that were written, none of them in part."""
    journal = run(KILLED).state / "demo" / "journal"
    run(INSTALL)
    [line] = journal.read_text().splitlines()

    # In the middle of the file lies one long line, so that a cut in the middle cuts that one.
    half = [line] * (40_000 // (len(line) + 1))
    long = f"{line} {'and on ' * 100}"
    journal.write_text("".join(f"{each}\n" for each in (*half, long, *half)))
    run(KILLED)
    run(INSTALL)

    kept = journal.read_text()
    assert kept.endswith("\n")
    lines = kept.splitlines()
    assert {line} == set(lines[:-1])
    assert line.split()[1:] == lines[-1].split()[1:]
    assert int(line.split()[0]) <= int(lines[-1].split()[0])
