"""A crash that ends a program is fatal on record, however often the program had survived the same one."""

from typing import Any

import pytest

from tests.conftest import Finished, Run

HEAD = """\
import asyncio, multiprocessing, os, sys, threading
import crashguard
crashguard.install(app='demo', version='1.0', dsn='http://key@127.0.0.1:9/1', delivery='deferred', note=False)
def work(): raise ValueError('bad')
def survive():
    try: work()
    except ValueError as exc: return crashguard.capture_exception(exc)
async def main(): work()
def in_worker():
    survive()
    work()
"""
SURVIVED = "for _ in range(3): survive()\n"
WAYS = {
    "main": "work()\n",
    "guard": "with crashguard.guard('sync'): work()\n",
    "thread": "each = threading.Thread(target=work); each.start(); each.join()\n",
    "asyncio": "asyncio.run(main())\n",
    "worker": "each = multiprocessing.get_context('fork').Process(target=in_worker); each.start(); each.join()\n",
}


def ends(done: Finished, folder: str = "waiting") -> list[tuple[str, bool, int]]:
    """Of each report: the level, whether the program handled it, and how often."""
    return sorted(map(end, done.events(folder=folder)))


def end(event: dict[str, Any]) -> tuple[str, bool, int]:
    mechanism = event["exception"]["values"][-1]["mechanism"]
    return event["level"], mechanism["handled"], event["contexts"]["crashguard"]["occurrences"]


@pytest.mark.parametrize("way", WAYS)
def test_what_ends_the_program_is_no_count_on_what_it_survived(run: Run, way: str) -> None:
    """In one process, in each way to die: a report of its own, which says fatal."""
    assert [("error", True, 3), ("fatal", False, 1)] == ends(run(HEAD + SURVIVED + WAYS[way]))


def test_a_waiting_report_of_what_another_run_survived_holds_no_fatal_one_back(run: Run) -> None:
    """Both wait to be sent; a second death waits no more."""
    fails = (
        HEAD
        + "def once(is_last):\n    try: work()\n    except ValueError as exc:\n        if is_last: raise\n"
    )
    for is_last in (False, True, True):
        done = run(fails + f"        crashguard.capture_exception(exc)\nonce({is_last})\n")

    assert [("error", True, 1), ("fatal", False, 1)] == ends(done)
    assert [("fatal", False, 1)] == ends(done, "local")


def test_a_report_that_was_made_before_the_exception_went_on_says_fatal(run: Run) -> None:
    """`capture_exception()` and `raise`: it is one failure, and one report."""
    done = run(
        HEAD + "try: work()\nexcept ValueError as exc:\n    crashguard.capture_exception(exc)\n    raise\n"
    )

    assert 1 == done.status
    assert [("fatal", False, 1)] == ends(done)


def test_a_report_that_has_left_before_the_exception_went_on_stays_the_only_one(run: Run) -> None:
    """What a server has cannot be changed, and one failure is one report."""
    done = run(
        HEAD
        + "import pathlib\ntry: work()\nexcept ValueError as exc:\n    crashguard.capture_exception(exc)\n"
        + "    for path in pathlib.Path.home().rglob('waiting/*'):\n"
        + "        (path.parents[1] / 'sent').mkdir(); path.rename(path.parents[1] / 'sent' / path.name)\n"
        + "    raise\n"
    )

    assert [("error", True, 1)] == ends(done, "sent")
    assert [] == ends(done)


def test_where_another_report_stands_for_the_survived_failure_the_fatal_one_has_its_own(run: Run) -> None:
    """The report of a repetition stays on the machine; what ended the program leaves."""
    program = HEAD + "try: work()\nexcept ValueError as exc:\n    crashguard.capture_exception(exc)\n"
    run(program)
    done = run(program + "    raise\n")

    assert [("error", True, 1), ("fatal", False, 1)] == ends(done)
    assert [("error", True, 1)] == ends(done, "local")
