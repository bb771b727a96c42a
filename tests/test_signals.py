"""What a host's signal handler raises while a report is made goes on its way, and the report is made all the same."""

import pytest

from tests.conftest import Run

ALARMS = """
import random, signal, sys
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)

class Alarm({base}): ...

fired = False
def handler(number, frame):
    global fired
    fired = True
    raise Alarm("time is over")
signal.signal(signal.SIGALRM, handler)

def wait():  # a function of its own: CPython 3.13.0 leaves the jump of a loop out of the `try` around it
    while not fired:
        pass

def bug(number):
    space = {{"__name__": "__main__"}}
    exec(f"def bug{{number}}(): raise LookupError({{number}})", space)
    return space[f"bug{{number}}"]

{report}

report(bug(99))  # the import system takes an OSError for a missing file, so what is needed is imported first
random.seed({seed})
lost = 0
for number in range({times}):
    call, fired, surfaced = bug(number % 40), False, False
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.00001, {longest}))
        report(call)
        wait()
    except Alarm:
        surfaced = True
    lost += not surfaced
print(lost)
"""
WAYS = {
    "guard": """
def report(call):
    try:
        with crashguard.guard("work"):
            call()
    except LookupError:
        pass
""",
    "capture": """
def report(call):
    try:
        call()
    except LookupError as exc:
        crashguard.capture_exception(exc)
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("base", ["Exception", "TimeoutError", "SystemExit"])
@pytest.mark.parametrize("way", WAYS)
def test_what_a_signal_handler_raises_during_a_report_reaches_the_program(
    run: Run, way: str, base: str
) -> None:
    """At three hundred random moments of it, an OSError too; each crash is on record nevertheless."""
    program = ALARMS.format(base=base, report=WAYS[way], times=300, seed=1, longest=0.002)
    done = run(program)

    assert ("0\n", "") == (done.stdout, done.stderr)
    assert all(event["contexts"]["crashguard"]["complete"] for event in done.events())


@pytest.mark.parametrize("status", [0, 7, 143])
def test_a_handler_that_exits_ends_the_program_with_its_status(run: Run, status: int) -> None:
    """SIGTERM comes from inside of a report, at a message that takes its time."""
    done = run(
        "import os, signal, sys\n"
        "import crashguard\n"
        "crashguard.install(app='demo', version='1.0', delivery='deferred', note=False)\n"
        f"signal.signal(signal.SIGTERM, lambda number, frame: sys.exit({status}))\n"
        "class Slow(Exception):\n"
        "    def __str__(self):\n        os.kill(os.getpid(), signal.SIGTERM)\n        return 'slow'\n"
        "with crashguard.guard('work', reraise=False):\n    raise Slow\n"
        "print('not reached')\n"
    )

    assert (status, "") == (done.status, done.stdout)
    assert "slow" == done.event["exception"]["values"][-1]["value"]
