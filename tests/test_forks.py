"""A fork while another thread reports: it waits for the report, so that no child is born into the middle of one."""

import pytest

from tests.conftest import Run
from tests.servers import Server
from tests.sink import Sink

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
        if name == "crashguard.capture.handled" and threading.current_thread() is thread:
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


# The program forks at each import in another of its threads that nothing of crashguard's keeps a fork away from. Such
# a child has the import of its parent's thread half done and for ever: it tries it, and is ended by its alarm.
FORKS_AT_IMPORTS = """
import os, queue, signal, sys, threading

main = threading.main_thread()
asked, told = queue.SimpleQueue(), []
forking, turn = threading.Event(), threading.Event()
os.register_at_fork(after_in_parent=forking.clear)  # before the gate lets threads in again

class Finder:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is main or over:
            return
        told.append(name)
        if not forking.is_set():  # what the fork waits for must go on
            mine = threading.Event()
            asked.put((name, mine))
            mine.wait(20)

import crashguard
over = True
LEAVES = "import crashguard, sys; "
LEAVES += "crashguard.install(app='demo', version='1.0', dsn=sys.argv[1], delivery='deferred'); 1 / 0"
crashguard.install(app="demo", version="1.0", dsn=sys.argv[1], note=False, delivery="inline")
{begin}
over = False
sys.meta_path.insert(0, Finder())

def may_go_on():
    forking.set()
    turn.set()

os.register_at_fork(before=may_go_on)

def bug():
    raise LookupError("lost")

def work():
    {work}

def ends():
    try:
        work()
    finally:
        done.set()

done, hung = threading.Event(), []
threading.Thread(target=ends, daemon=True).start()
while True:
    finished = done.is_set() and {all_done}
    try:
        name, turn = asked.get(timeout=0.02)
    except queue.Empty:
        if finished:
            break
        continue
    pid = os.fork()
    if not pid:
        over = True
        signal.alarm(10)
        try:
            __import__(name)
        except ImportError:
            pass
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        hung.append(name)
over = True
print(hung, "crashguard" in {{name.partition(".")[0] for name in told}})
"""
# An import in the main thread would wait for the one that waits for the main thread.
SENT = "any(each[0].endswith('sent') and each[2] for each in os.walk(os.environ['HOME']))"
GUARDED = "with crashguard.guard('work', reraise=False): bug()"
PLACES = {
    "a guard, and the thread that sends": ("", GUARDED, SENT),
    "what an earlier run left": (
        "import subprocess; subprocess.run([sys.executable, '-c', LEAVES, sys.argv[1]], stderr=subprocess.DEVNULL)",
        "crashguard.install(app='demo', version='1.0')",
        SENT,
    ),
    "flush": (GUARDED.replace("bug()", "1 / 0"), "crashguard.flush(10)", SENT),
    "last_run": ("", "crashguard.last_run()", "True"),
    "a plugin that died": (
        "from crashguard import hosts",
        "hosts.report_exit(crashguard.Plugin('acme', 'source', 'files', '1.0'), -9)",
        "True",
    ),
    "stats": (
        "from crashguard import stats; stats.configure(url=sys.argv[2], write_key='key')",
        "stats.command('sync'); stats.flush(10)",
        "True",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_no_child_is_born_into_an_import_of_crashguard(run: Run, place: str) -> None:
    """Whatever crashguard imports in a thread, a fork in another one waits for that."""
    begin, work, all_done = PLACES[place]
    with Server() as server, Sink() as sink:
        done = run(
            FORKS_AT_IMPORTS.format(begin=begin, work=work, all_done=all_done),
            server.dsn,
            sink.url,
            env={"PYTHONWARNINGS": "ignore::DeprecationWarning"},  # 3.12: of a fork beside other threads
        )

    assert (0, "[] True\n", "") == (done.status, done.stdout, done.stderr)
