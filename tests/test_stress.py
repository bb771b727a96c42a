"""Sixteen threads that crash at once: reports and counts are right, with a lock of the interpreter and without."""

import sys

import pytest

from tests.conftest import Run

pytestmark = pytest.mark.slow

THREADS, ROUNDS = 16, 300
BUGS = 60
MOST = 50  # different bugs that one process reports

PROGRAM = (
    "import sys, threading\n"
    "import crashguard\n"
    "crashguard.install(app='demo', version='1.0', delivery='deferred', note=False)\n"
    + "".join(f"def bug_{number}(): raise ValueError('lost')\n" for number in range(16 * BUGS))
    + f"""
chosen = sys.argv[1]
sys.setswitchinterval(1e-5)
barrier = threading.Barrier({THREADS})
failed = []
def which(thread, round_):
    return {{
        "one bug": 0,
        "each meets each new one": round_ * 40 // {ROUNDS},
        "own ones": thread * 3 + round_ % 3,
        "more than are reported": (thread * {ROUNDS} + round_) % (16 * {BUGS}),
    }}[chosen]
def work(thread):
    barrier.wait()
    for round_ in range({ROUNDS}):
        try:
            globals()[f"bug_{{which(thread, round_)}}"]()
        except ValueError as exc:
            try:
                crashguard.capture_exception(exc)
            except BaseException as error:
                failed.append(error)
threads = [threading.Thread(target=work, args=(number,)) for number in range({THREADS})]
for each in threads: each.start()
for each in threads: each.join()
print(failed, getattr(sys, "_is_gil_enabled", lambda: True)())
"""
)


@pytest.mark.parametrize(
    ("pattern", "bugs"),
    [("one bug", 1), ("each meets each new one", 40), ("own ones", 48), ("more than are reported", MOST)],
)
def test_what_sixteen_threads_meet_is_counted_to_the_last_one(run: Run, pattern: str, bugs: int) -> None:
    """One report a bug; together they count every crash, as far as its bug is reported; nothing is raised."""
    done = run(PROGRAM, pattern)

    assert (0, "") == (done.status, done.stderr)
    assert f"[] {'t' not in sys.abiflags}\n" == done.stdout  # no import of ours has put the lock back
    events = done.events()
    functions = [event["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] for event in events]
    assert len(functions) == len(set(functions))
    most = bugs if bugs < MOST else MOST + THREADS  # each may be looking at the number when it is reached
    assert bugs <= len(functions) <= most
    counted = sum(event["contexts"]["crashguard"]["occurrences"] for event in events)
    every = THREADS * ROUNDS
    assert counted == (every if bugs < MOST else len(functions) * every // (16 * BUGS))
