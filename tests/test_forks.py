"""A fork while another thread reports: it waits for the report, so that no child is born into the middle of one."""

import pytest

from tests.conftest import Run

# The report of the thread cannot end before the fork has begun: `__str__`, which the report asks, waits for that.
# What is asked at a fork is asked in the reverse order of registration, so that ours comes before crashguard's.
PROGRAM = """
import os, sys, threading
from pathlib import Path

sys.excepthook = threading.excepthook = lambda *args: None
import crashguard
crashguard.install(app="demo", version="1.0", note=False)

try:
    1 / 0  # what a report needs is loaded with this one, so that the next takes a moment only
except ZeroDivisionError:
    crashguard.capture_exception()

reporting, forking = threading.Event(), threading.Event()
os.register_at_fork(before=forking.set)

class Slow(Exception):
    def __str__(self):
        reporting.set()
        forking.wait()
        return "slow"

def fails():
    raise Slow()

def uncaught():
    fails()

@crashguard.guard("work", reraise=False)
def guarded():
    fails()

def handled():
    try:
        fails()
    except Slow:
        crashguard.capture_exception()

spool = Path.home() / ".local/state/crashguard/demo"
thread = threading.Thread(target=globals()[sys.argv[1]])
thread.start()
reporting.wait()
pid = os.fork()
if not pid:
    print(len(list(spool.glob("local/*.envelope"))), flush=True)
    raise KeyError("child")
print("ended with", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
thread.join()
"""


@pytest.mark.parametrize("how", ["uncaught", "guarded", "handled"])
def test_a_fork_waits_for_the_report_that_is_being_made(run: Run, how: str) -> None:
    """When the child begins, its parent's reports are whole; its own crash is reported like any other."""
    done = run(PROGRAM, how)

    assert (0, "2\nended with 1\n") == (done.status, done.stdout), done.stderr
    assert ["KeyError", "Slow", "ZeroDivisionError"] == sorted(
        event["exception"]["values"][-1]["type"] for event in done.events()
    )


# The thread's first use of a name of crashguard cannot end before the fork has begun: a finder of ours, which the
# import asks for the file behind the name, waits for that.
FIRST_USE = """
import os, sys, threading

import crashguard
crashguard.install(app="demo", version="1.0", note=False)

importing, forking = threading.Event(), threading.Event()
os.register_at_fork(before=forking.set)

class Waits:
    def find_spec(self, name, path=None, target=None):
        if name == "crashguard.capture.api" and threading.current_thread() is thread:
            importing.set()
            forking.wait()

sys.meta_path.insert(0, Waits())
thread = threading.Thread(target=lambda: crashguard.capture_exception(KeyError("thread")))
thread.start()
importing.wait()
pid = os.fork()
if not pid:
    crashguard.capture_exception(ValueError("child"))
    os._exit(0)
print("ended with", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
thread.join()
"""


def test_a_fork_waits_for_the_first_use_of_a_name(run: Run) -> None:
    """A child that is forked while a thread imports what is behind `capture_exception` can use it, too."""
    done = run(FIRST_USE)

    assert (0, "ended with 0\n") == (done.status, done.stdout), done.stderr
    assert ["KeyError", "ValueError"] == sorted(
        event["exception"]["values"][-1]["type"] for event in done.events()
    )
