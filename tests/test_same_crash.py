"""Each crash once: what this process has reported, it counts; what a worker has reported, its parent knows."""

import re
from pathlib import Path
from typing import Any

import pytest

from crashguard.recovery.recover import recover
from crashguard.spool import reports, store
from crashguard.spool.store import Spool
from tests.conftest import Finished, Run, component

BEGIN = """
import sys
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred"{more})

def fails(*args):
    raise ValueError(*args)

def capture(call, *args):
    try:
        call(*args)
    except BaseException as exc:
        return crashguard.capture_exception(exc)

def make(number):
    space = {{"__name__": "__main__"}}
    exec(compile(f"def bug{{number}}(): raise LookupError({{number}})", __file__, "exec"), space)
    return space[f"bug{{number}}"]
"""
QUIET = BEGIN.format(more=", note=False")


def counts(done: Finished) -> list[int]:
    """How often each bug happened, the most frequent first."""
    assert (0, "") == (done.status, done.stderr), done.stderr
    return sorted((event["contexts"]["crashguard"]["occurrences"] for event in done.events()), reverse=True)


def journal(done: Finished) -> list[str]:
    path = done.state / "demo" / "journal"
    return path.read_text().splitlines() if path.exists() else []


def test_a_bug_that_happens_again_is_counted(run: Run) -> None:
    """Whatever it says each time; another bug has a report of its own. Each is told the id of its report."""
    done = run(
        QUIET
        + "ids = {capture(fails, number) for number in range(37)}\n"
        + "ids |= {capture(make(1)) for number in range(3)}\nprint(*ids)\n"
    )

    assert [37, 3] == counts(done)
    assert {event["event_id"] for event in done.events()} == set(done.stdout.split())


@pytest.mark.parametrize("number", [1, 9, 10, 11, 99, 100, 1_000, 1_001])
def test_the_count_in_the_file_is_that_of_the_end(run: Run, number: int) -> None:
    """Not the last that was round."""
    assert [number] == counts(run(QUIET + f"for number in range({number}):\n    capture(fails)\n"))


def test_code_that_is_made_anew_each_time_is_one_bug(run: Run) -> None:
    """Thousands of functions, all of one name: a template that is compiled for every request."""
    assert [5_000] == counts(run(QUIET + "for _ in range(5_000):\n    capture(make(1))\n"))


def test_thousands_of_ways_to_one_bug_are_one_bug(run: Run) -> None:
    """The innermost functions tell it; how a request got there does not."""
    ways = (
        "import itertools\n"
        "space = {'fails': fails, '__name__': '__main__'}\n"
        "for n in range(50):\n"
        "    code = f'def way{n}(calls): return calls[0](calls[1:]) if calls else fails()'\n"
        "    exec(compile(code, __file__, 'exec'), space)\n"
        "ways = [space[f'way{n}'] for n in range(50)]\n"
        "tail = [ways[49]] + [w for w in ways[1:31]]\n"
        "for pair in itertools.islice(itertools.product(ways[31:], repeat=3), 2_500):\n"
        "    capture(pair[0], [*pair[1:], *tail])\n"
    )
    assert [2_500] == counts(run(QUIET + ways))


def test_threads_that_meet_one_bug_make_one_report(run: Run) -> None:
    """One of them makes it, the others count; nobody waits for anybody."""
    threads = (
        "import threading\nstart = threading.Barrier(8)\n"
        "def work():\n    start.wait()\n    for _ in range(50):\n        capture(fails)\n"
        "threads = [threading.Thread(target=work) for _ in range(8)]\n"
        "for each in threads: each.start()\nfor each in threads: each.join()\n"
    )
    assert [400] == counts(run(QUIET + threads))


def test_a_process_reports_fifty_bugs_and_counts_the_others(run: Run) -> None:
    """A storm of different ones: the journal says how many there were beyond that; a known one still counts."""
    done = run(
        QUIET
        + "ids = [capture(make(number)) for number in range(73)]\n"
        + "capture(make(7))\n"
        + "print(sum(each is None for each in ids), ids.index(None))\n"
    )

    assert [2, *[1] * 49] == counts(done)
    assert "23 50\n" == done.stdout
    told = [line for line in journal(done) if "suppressed" in line]
    assert re.search(r"\b23 crashes beyond 50\b", told[-1])


def test_nothing_is_said_of_crashes_beyond_where_there_were_none(run: Run) -> None:
    """Fifty are fifty."""
    done = run(QUIET + "for number in range(50):\n    capture(make(number))\n")

    assert [1] * 50 == counts(done)
    assert [] == [line for line in journal(done) if "beyond" in line]


def test_an_exception_that_is_seen_twice_is_one(run: Run) -> None:
    """Two guards, a handler and the interpreter: one report, and it counts one."""
    seen = (
        "@crashguard.guard('inner')\ndef inner(): fails()\n"
        "@crashguard.guard('outer', reraise=False)\ndef outer():\n"
        "    try:\n        inner()\n    except ValueError as exc:\n        print(crashguard.capture_exception(exc))\n        raise\n"
        "outer()\n"
    )
    done = run(QUIET + seen)

    assert [1] == counts(done)
    assert f"{done.event['event_id']}\n" == done.stdout
    assert "inner" == done.event["tags"]["guard"]


@pytest.mark.parametrize(("number", "counted"), [(1, 2), (5, 2), (18, 2), (19, 2), (20, 4), (30, 4)])
def test_an_exception_that_is_relabelled_on_its_way_is_the_same_crash(
    run: Run, number: int, counted: int
) -> None:
    """One layer after the other catches what a guard let pass and raises its own from it; twenty are looked at."""
    relabel = (
        "def layer(number):\n"
        "    try:\n        layer(number - 1) if number > 1 else guarded()\n"
        "    except Exception as exc:\n        raise RuntimeError('wrapped') from exc\n"
        "guarded = crashguard.guard('inner')(fails)\n"
        f"print(len({{capture(layer, {number}), capture(layer, {number})}}))\n"
    )
    done = run(QUIET + relabel)

    assert [counted] == counts(done)


@pytest.mark.parametrize(
    "fails_anew",
    [
        "try:\n    fails()\nexcept ValueError as exc:\n    capture_here(exc)\n    raise Fatal('no way on') from exc\n",
        "raise Fatal('later, elsewhere') from saved\n",
        "raise Fatal('later, elsewhere, by itself')\n",
        "raise ExceptionGroup('many', [*many, Fatal('a new one')])\n",
    ],
)
def test_a_new_failure_is_on_record_whatever_it_is_raised_from(run: Run, fails_anew: str) -> None:
    """What the program has handled is over: what it raises from that, or together with that, is another crash."""
    done = run(
        QUIET
        + "class Fatal(Exception): ...\ncapture_here = crashguard.capture_exception\n"
        + "saved, many = None, []\n"
        + "try:\n    crashguard.guard('inner')(fails)()\nexcept ValueError as exc:\n    saved = exc\n"
        + "for number in range(30):\n    try:\n        make(number)()\n"
        + "    except LookupError as exc:\n        many.append(exc); capture_here(exc)\n"
        + fails_anew
    )

    assert 1 == done.status
    recorded = sum(event["contexts"]["crashguard"]["occurrences"] for event in done.events())
    seen_before = 31 + ("fails()" in fails_anew)
    assert seen_before + 1 == recorded


@pytest.mark.parametrize(
    ("before", "now", "counted"),
    [
        ("guarded", "guarded", [2]),
        ("captured", "guarded", [1, 1]),
        ("guarded", "captured", [1, 2]),
        ("captured", "captured", [1, 2]),
    ],
)
def test_what_is_raised_from_an_exception_is_new_if_that_very_one_was_handled(
    run: Run, before: str, now: str, counted: list[int]
) -> None:
    """Whatever became of an earlier crash of the same bug. One that was handled stands for none that was not."""
    done = run(
        QUIET
        + "class Fatal(Exception): ...\n"
        + "def work(handle):\n    with crashguard.guard('work', ignore=[] if handle is guarded else ValueError): fails()\n"
        + "def guarded(exc): ...\ncaptured = crashguard.capture_exception\n"
        + f"is_second = False\nfor handle in ({before}, {now}):\n"
        + "    try:\n        work(handle)\n    except ValueError as exc:\n        handle(exc)\n"
        + "        if is_second:\n            raise Fatal('no way on') from exc\n    is_second = True\n"
    )

    assert 1 == done.status
    assert counted == sorted(event["contexts"]["crashguard"]["occurrences"] for event in done.events())


def test_what_ends_the_program_has_a_report_though_it_was_raised_from_a_recorded_failure(run: Run) -> None:
    """The one that the program went on from has its own: type, place, and how bad each was."""
    done = run(
        QUIET
        + "def load(): raise ValueError('bad config')\n"
        + "try:\n    load()\nexcept ValueError as exc:\n    crashguard.capture_exception(exc)\n    saved = exc\n"
        + "def start(): raise RuntimeError('cannot start') from saved\nstart()\n"
    )

    first, last = sorted(done.events(), key=lambda event: event["level"])
    assert ("error", "ValueError") == (first["level"], first["exception"]["values"][-1]["type"])
    assert ("fatal", "RuntimeError") == (last["level"], last["exception"]["values"][-1]["type"])
    assert "ValueError" == last["exception"]["values"][0]["type"]
    assert "start" == last["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"]
    assert [1, 1] == [event["contexts"]["crashguard"]["occurrences"] for event in (first, last)]


@pytest.mark.parametrize("seen", ["work()", "crashguard.guard('again')(work)()"])
def test_what_is_raised_from_a_handled_exception_is_on_record_where_a_guard_saw_its_bug_before(
    run: Run, seen: str
) -> None:
    """That the program handled it is said of this exception, not of the bug."""
    done = run(
        QUIET
        + "class Fatal(Exception): ...\ndef work(): fails()\n"
        + "try:\n    crashguard.guard('inner')(work)()\nexcept ValueError:\n    pass\n"
        + f"try:\n    {seen}\nexcept ValueError as exc:\n    crashguard.capture_exception(exc)\n"
        + "    raise Fatal('no way on') from exc\n"
    )

    assert 1 == done.status
    assert 3 == sum(event["contexts"]["crashguard"]["occurrences"] for event in done.events())


def test_the_new_member_of_a_large_group_is_in_its_report(run: Run) -> None:
    """Seventy were recorded before; a report has fifty exceptions, and the new one is among them."""
    done = run(
        QUIET
        + "class Fatal(Exception): ...\nmany = []\n"
        + "for number in range(70):\n    try:\n        fails(number)\n"
        + "    except ValueError as exc:\n        many.append(exc); crashguard.capture_exception(exc)\n"
        + "raise ExceptionGroup('many', [*many, Fatal('new')])\n"
    )

    values = [value for event in done.events() for value in event["exception"]["values"]]
    assert "Fatal" in {value["type"] for value in values}
    assert any("more exceptions cut" in value["type"] for value in values)


def test_one_object_that_is_raised_for_two_reasons_is_two_crashes(run: Run) -> None:
    """`raise ERROR` in two functions: each has its report with its own frames, and the right count."""
    done = run(
        QUIET
        + "ERROR = LookupError('no table')\n"
        + "class Errors: GONE = OSError('gone')\n"
        + "def load(): raise ERROR\ndef save(): raise ERROR\ndef close(): raise Errors.GONE\n"
        + "def send(): raise Errors.GONE\n"
        + "for _ in range(3): capture(load); capture(save); capture(close)\n"
        + "send()\n"
    )

    assert {("load", 3), ("save", 3), ("close", 3), ("send", 1)} == {
        (
            event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"],
            event["contexts"]["crashguard"]["occurrences"],
        )
        for event in done.events()
    }


KEPT = {
    "local": "E = ValueError('made once')\ndef {name}():\n    e = E\n    raise e\n",
    "table": "E = {{1: ValueError('made once')}}\ndef {name}(): raise E[1]\n",
    "function": "E = ValueError('made once')\ndef get(): return E\ndef {name}(): raise get()\n",
    "attribute": "class E: error = ValueError('made once')\ndef {name}(e=E()): raise e.error\n",
    "mock": "import unittest.mock\nE = unittest.mock.Mock(side_effect=ValueError('made once'))\ndef {name}(): E()\n",
    "loop": "E = [ValueError('made once')]\ndef {name}(): raise E[0]\n",
}


@pytest.mark.parametrize("kind", KEPT)
def test_an_object_that_is_raised_again_and_again_counts_each_time(run: Run, kind: str) -> None:
    """However a program keeps it; once it was raised twice, by another function too, with its own frames."""
    first, second = (KEPT[kind].format(name=name) for name in ("load", "save"))
    second = second[second.index("def save") :]
    done = run(QUIET + first + second + "for _ in range(3): capture(load)\ncapture(save)\n")

    assert [3, 1] == counts(done)


def test_an_object_whose_traceback_is_taken_off_is_on_record_wherever_it_is_raised(run: Run) -> None:
    """`raise ERROR.with_traceback(None)` in two functions is two crashes."""
    done = run(
        QUIET
        + "ERROR = LookupError('no table')\n"
        + "def load(): raise ERROR.with_traceback(None)\ndef save(): raise ERROR.with_traceback(None)\n"
        + "capture(load); capture(save)\n"
    )

    assert [1, 1] == counts(done)


def test_a_traceback_that_is_made_anew_on_the_way_is_that_of_the_same_crash(run: Run) -> None:
    """Libraries leave frames of their own out: each entry is a new object, for the same frames."""
    done = run(
        QUIET
        + "import types\n"
        + "def less(tb):\n    return tb and types.TracebackType(less(tb.tb_next), tb.tb_frame, tb.tb_lasti, tb.tb_lineno)\n"
        + "def library():\n    try:\n        crashguard.guard('inner')(fails)()\n"
        + "    except ValueError as exc:\n        raise exc.with_traceback(less(exc.__traceback__.tb_next)) from None\n"
        + "crashguard.guard('outer', reraise=False)(library)()\n"
    )

    assert [1] == counts(done)


@pytest.mark.parametrize("tasks", ["[task]", "[task] * 3"])
def test_a_task_that_several_wait_for_fails_once(run: Run, tasks: str) -> None:
    """Each of them gets the same object, some of them without the frames of the task."""
    done = run(
        QUIET
        + "import asyncio\nasync def work(): fails()\n"
        + "async def wait_for(task):\n    try: await task\n    except ValueError as exc: crashguard.capture_exception(exc)\n"
        + "async def main():\n    task = asyncio.ensure_future(work())\n"
        + f"    await asyncio.gather(wait_for(task), *map(wait_for, {tasks}))\nasyncio.run(main())\n"
    )

    assert [1] == counts(done)


@pytest.mark.parametrize(
    "handles",
    [
        "for each in group.exceptions: crashguard.capture_exception(each)",
        "for each in group.split(ValueError): crashguard.capture_exception(each)",
        "crashguard.capture_exception(ExceptionGroup('again', group.exceptions[::-1]))",
    ],
    ids=["members", "parts", "group"],
)
def test_the_members_of_a_recorded_group_are_on_record(run: Run, handles: str) -> None:
    """Who handles the members of a group, or its parts, after the group tells nothing new; several of a bug, too."""
    done = run(
        QUIET
        + "many = []\n"
        + "for call in (fails, fails, make(1), make(1), make(2)):\n"
        + "    try: call()\n    except Exception as exc: many.append(exc)\n"
        + "try:\n    raise ExceptionGroup('many', many)\nexcept ExceptionGroup as exc:\n    group = exc\n"
        + f"crashguard.capture_exception(group)\n{handles}\n"
    )

    assert [1, 1, 1] == counts(done)


@pytest.mark.parametrize(
    "hand_on",
    [
        "import concurrent.futures\nwith concurrent.futures.ThreadPoolExecutor(1) as pool: pool.submit(work).result()\n",
        "import asyncio\nasync def task(): work()\n"  # noqa: ISC004 (one program on three lines)
        "async def main():\n    tasks = [asyncio.ensure_future(task())]\n    await asyncio.wait(tasks)\n    await tasks[0]\n"
        "asyncio.run(main())\n",
        "import queue, threading\nbox = queue.Queue()\n"  # noqa: ISC004
        "def put():\n    try:\n        work()\n    except ValueError as exc:\n        box.put(exc)\n"
        "thread = threading.Thread(target=put); thread.start(); thread.join()\nraise box.get()\n",
        "errors = []\ntry:\n    work()\nexcept ValueError as exc:\n    errors.append(exc)\nraise errors[0]\n",
    ],
    ids=["future", "asyncio", "queue", "list"],
)
def test_an_exception_that_is_handed_on_is_one_crash(run: Run, hand_on: str) -> None:
    """A guard saw it where it was raised; whoever asks for the result raises the same object again."""
    done = run(QUIET + "work = crashguard.guard('work')(fails)\n" + hand_on)

    assert 1 == done.status
    assert [1] == [event["contexts"]["crashguard"]["occurrences"] for event in done.events()]


ODD_EXCEPTIONS = """
class Custom(Exception):
    def __init__(self, why):
        super().__init__(why)
        self.code = 3
class Slots(Exception):
    __slots__ = ("code",)
def noted():
    exc = ValueError()
    exc.add_note("why")
    return exc
KINDS = [ValueError, lambda: ValueError("a"), lambda: KeyError(1, None), lambda: OSError(2, "no", "f"), noted,
         lambda: Custom("why"), lambda: Slots("x"), lambda: StopIteration(4), lambda: UnicodeDecodeError("a", b"b", 0, 1, "c"),
         lambda: ExceptionGroup("g", [KeyError(1)]), lambda: SyntaxError("bad", ("f", 1, 2, "text")), lambda: KeyError([1])]
"""


CAUSE = """
class Outer(Exception): pass

def outer():
    try:
        fails()
    except ValueError as error:
        raise Outer from error

def cause(error):
    raise error.__cause__

try:
    outer()
except Outer as error:
    print(crashguard.capture_exception(error), capture(cause, error), capture(cause, error))
"""


def test_the_cause_of_a_recorded_exception_is_on_record_with_it(run: Run) -> None:
    """Raised by itself later, it is the same failure, which happened once."""
    done = run(QUIET + CAUSE)

    first, second, third = done.stdout.split()
    assert first == second == third
    assert [1] == counts(done)


COPY = """
import copy, pickle
try:
    fails("x")
except ValueError as error:
    first = error
print(crashguard.capture_exception(first), crashguard.capture_exception(first))
for each in (copy.copy(first), copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
    print(capture(hand_on, each))
"""


def test_a_copy_in_one_process_is_an_occurrence_of_its_own(run: Run) -> None:
    """Nothing in it says what it is a copy of: no mark goes with a copy."""
    done = run(QUIET + "def hand_on(exc):\n    raise exc\n" + COPY)

    ids = done.stdout.split()
    assert ids[0] == ids[1] != ids[2]
    assert [ids[2]] * 3 == ids[2:]
    assert [3, 1] == counts(done)


def test_nobody_can_see_that_an_exception_was_recorded(run: Run) -> None:
    """Its attributes, names, pickles, copies and equality are as without crashguard, for any kind of exception."""
    looks = (
        ODD_EXCEPTIONS
        + "import copy, pickle\n"
        + "for make_one in KINDS:\n"
        + "    exc = make_one()\n    args, before = exc.args, repr(exc)\n"
        + "    try:\n        raise exc\n    except BaseException as caught:\n"
        + "        assert CAPTURE(caught)\n"
        + "        assert args == exc.args and before == repr(exc)\n"
        + "        pickled = [pickle.dumps(exc, protocol) for protocol in range(6)] if exc.args else pickle.loads(pickle.dumps(exc)).args\n"
        + "        print(pickled, vars(exc), exc.__dict__, dir(exc), repr(exc), exc.args, str(exc))\n"
        + "        print(vars(copy.copy(exc)), vars(copy.deepcopy(exc)), type(copy.copy(exc)))\n"
    )
    with_us = run(QUIET + "CAPTURE = crashguard.capture_exception\n" + looks)
    without = run(QUIET + "CAPTURE = lambda exc: True\n" + looks)

    assert (0, "") == (with_us.status, with_us.stderr)
    assert without.stdout == with_us.stdout
    assert "crashguard" not in with_us.stdout
    assert 12 == sum(counts(with_us))


def test_any_kind_of_exception_is_known_again(run: Run) -> None:
    """Through two guards and a handler each counts once; a new one of its kind at the same place counts anew."""
    again = (
        ODD_EXCEPTIONS
        + "@crashguard.guard('outer')\n@crashguard.guard('inner')\ndef work(make_one): raise make_one()\n"
        + "for make_one in KINDS:\n    for _ in range(100): capture(work, make_one)\n"
    )
    done = run(QUIET + again)

    assert 1_200 == sum(counts(done))


def test_no_exception_is_kept_alive(run: Run) -> None:
    """Nor anything that it refers to: attributes, arguments, the locals of its frames."""
    lives = (
        ODD_EXCEPTIONS
        + "import gc, weakref\n"
        + "class Thing: ...\n"
        + "def fails_with(make_one):\n    local = Thing(); things.add(local)\n    exc = make_one()\n"
        + "    if type(exc) is not Slots:\n        exc.thing = Thing(); things.add(exc.thing)\n    raise exc\n"
        + "things = weakref.WeakSet()\n"
        + "def with_argument():\n    thing = Thing(); things.add(thing); return KeyError(thing)\n"
        + "for make_one in [*KINDS, with_argument]:\n    capture(fails_with, make_one)\n"
        + "gc.collect()\nprint(len(things))\n"
    )
    assert "0\n" == run(QUIET + lives).stdout


def test_causes_in_a_circle_end(run: Run) -> None:
    """Two exceptions that came from each other are on record in one report."""
    circle = "one, two = ValueError(1), KeyError(2)\none.__cause__, two.__cause__ = two, one\nprint(crashguard.capture_exception(one) == crashguard.capture_exception(two))\n"
    done = run(QUIET + circle)

    assert [1] == counts(done)
    assert "True\n" == done.stdout


GROUP = """
known, fresh = [], KeyError("fresh")
for call in (fails, make(1)):
    try:
        call()
    except Exception as exc:
        crashguard.capture_exception(exc)
        known.append(exc)
"""


@pytest.mark.parametrize(
    ("members", "is_new"),
    [
        ("known", False),
        ("known[:1]", False),
        ("[ExceptionGroup('inner', known)]", False),
        ("[known[0], ExceptionGroup('inner', [known[1]])]", False),
        ("[*known, fresh]", True),
        ("[fresh, *known]", True),
        ("[known[0], ExceptionGroup('inner', [known[1], fresh])]", True),
        ("[fresh]", True),
    ],
)
def test_a_group_of_what_was_reported_tells_nothing_new(run: Run, members: str, is_new: bool) -> None:
    """A TaskGroup has collected what guards saw in its tasks; with one that nobody saw, it is a crash."""
    done = run(QUIET + GROUP + f"print(crashguard.capture_exception(ExceptionGroup('all', {members})))\n")

    told = [event["exception"]["values"][-1]["type"] for event in done.events()]
    assert is_new == ("ExceptionGroup" in told)
    assert done.stdout.strip() in {event["event_id"] for event in done.events()}
    assert [1] * (3 if is_new else 2) == counts(done)


POOL = """
import concurrent.futures, multiprocessing
@crashguard.guard("worker")
def work(number):
    fails(number)

if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        future = pool.submit(work, 1)
        {then}
"""


def test_what_a_worker_has_reported_its_parent_does_not(run: Run) -> None:
    """The exception came pickled; its traceback, as text, tells which report it is."""
    done = run(QUIET + POOL.format(then="print(crashguard.capture_exception(future.exception()))"))

    assert [1] == counts(done)
    assert f"{done.event['event_id']}\n" == done.stdout


COPIES = """
import concurrent.futures, multiprocessing
class Own(Exception):
    def __init__(self, table, why):
        super().__init__(f"{table}: {why}")
        self.table, self.why = table, why
    def __reduce__(self):
        return Own, (self.table, self.why)
@crashguard.guard("worker")
def work(exc):
    raise exc
if __name__ == "__main__":
    context = multiprocessing.get_context({start!r})
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        for exc in (Own("t", "w"), KeyError("k"), OSError(2, "no")):
            print(capture(pool.submit(work, exc).result))
    with context.Pool(1) as pool:
        print(capture(pool.apply, work, (Own("t", "w"),)))
        try:
            pool.apply(work, (ValueError("last"),))
        except ValueError as error:
            raise RuntimeError("relabelled") from error
"""


@pytest.mark.slow
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_workers_exception_and_its_parents_copy_are_one(run: Run, start: str) -> None:
    """However it is pickled, and though two kinds of pool bring it; the worker's guard made the report."""
    done = run(QUIET + COPIES.replace("{start!r}", repr(start)))

    assert 1 == done.status
    ids = done.stdout.split()
    assert {*ids} < {event["event_id"] for event in done.events()}
    types = [event["exception"]["values"][-1]["type"] for event in done.events()]
    assert sorted(["Own", "Own", "KeyError", "FileNotFoundError", "ValueError"]) == sorted(types)
    assert {1} == {event["contexts"]["crashguard"]["occurrences"] for event in done.events()}


BESIDE = """
import setting_up, crashguard, multiprocessing, sys
class Own(Exception): pass
def fails(number):
    raise Own(f"worker {number}")
def unguarded(number):
    fails(number)
@crashguard.guard("worker")
def work(number):
    fails(number)

if __name__ == "__main__":
    context = multiprocessing.get_context({start!r})
    with context.Pool(1) as pool:
        try:
            pool.apply(work, (1,))
        except Own as exc:
            crashguard.capture_exception(exc)
    process = context.Process(target=unguarded, args=(2,))
    process.start()
    process.join()
"""


@pytest.mark.slow
@pytest.mark.parametrize("start", ["spawn", "forkserver"])
def test_a_worker_knows_whose_code_its_script_is(run: Run, tmp_path: Path, start: str) -> None:
    """Also where a module beside the script calls install(): its worker reads it before it has a main module."""
    (tmp_path / "setting_up.py").write_text(QUIET)
    done = run(BESIDE.replace("{start!r}", repr(start)))

    frames = [event["exception"]["values"][-1]["stacktrace"]["frames"] for event in done.events()]
    assert [["work", "fails"], ["unguarded", "fails"]] == sorted(
        ([frame["function"] for frame in each if frame["filename"] == "program.py"] for each in frames),
        reverse=True,
    ), frames
    assert ["Own"] * 2 == [event["exception"]["values"][-1]["type"] for event in done.events()]


EXPECTED = """
import concurrent.futures, multiprocessing
def work(number, is_expected):
    with crashguard.guard("worker", ignore=lambda exc: is_expected):
        fails(number)

if __name__ == "__main__":
    context = multiprocessing.get_context({start!r})
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        for is_expected in {calls}:
            future = pool.submit(work, {number}, is_expected)
            print({take})
"""


@pytest.mark.parametrize("more", ["", ', dsn="http://key@127.0.0.1:9/1"'], ids=["kept", "sent"])
@pytest.mark.parametrize("number", ["1", "is_expected"], ids=["same text", "other text"])
def test_what_a_workers_guard_expects_is_on_record_where_its_parent_captures_it(
    run: Run, number: str, more: str
) -> None:
    """A failure of the same type at the same line was reported before; that report is not this one's."""
    begin = BEGIN.format(more=more + ", note=False")
    calls, take = "[False, True, False, True]", "capture(future.result)"
    program = EXPECTED.replace("{start!r}", "'fork'").replace("{calls}", calls).replace("{take}", take)
    done = run(begin + program.replace("{number}", number))

    assert (0, "") == (done.status, done.stderr)
    first, second, third, fourth = done.stdout.split()
    assert (first, second) == (third, fourth)
    assert first != second
    reports = {event["event_id"]: event for event in done.events()}
    assert {first, second} == set(reports)
    assert "guard" == reports[first]["exception"]["values"][-1]["mechanism"]["type"]
    assert "capture" == reports[second]["exception"]["values"][-1]["mechanism"]["type"]
    assert 2 == reports[second]["contexts"]["crashguard"]["occurrences"]


def test_a_parents_own_report_is_not_taken_for_a_workers(run: Run) -> None:
    """Its guard saw the function fail in this process; the worker's guard expected it."""
    more = "    try:\n        work(1, False)\n    except ValueError:\n        pass\n    context = "
    program = EXPECTED.replace("    context = ", more).replace("{start!r}", "'fork'")
    program = program.replace("{calls}", "[True]").replace("{take}", "capture(future.result)")
    done = run(QUIET + program.replace("{number}", "1"))

    assert [1, 1] == counts(done)
    assert {"guard", "capture"} == {
        event["exception"]["values"][-1]["mechanism"]["type"] for event in done.events()
    }


def test_an_exception_out_of_another_run_is_a_crash_of_this_one(run: Run, tmp_path: Path) -> None:
    """A file brings it pickled, with all that the run before knew of it; its text says nothing of this run."""
    keep = (
        "import concurrent.futures, multiprocessing, pathlib, pickle\n"
        f"path = pathlib.Path({str(tmp_path / 'pickled')!r})\n"
        "@crashguard.guard('worker')\ndef work(number): fails(number)\n"
        "if not path.exists():\n"
        "    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context('fork')) as pool:\n"
        "        exc = pool.submit(work, 1).exception()\n"
        "    path.write_bytes(pickle.dumps([exc, exc.__cause__.tb]))\n"
        "else:\n"
        "    exc, printed = pickle.loads(path.read_bytes())\n"
        "    exc.__cause__ = concurrent.futures.process._RemoteTraceback(printed)\n    raise exc\n"
    )
    assert [1] == counts(run(QUIET + keep))
    again = run(QUIET + keep)

    assert 1 == again.status
    assert 2 == len(again.events())


@pytest.mark.parametrize(
    ("more", "folder", "said"),
    [
        (', dsn="http://key@127.0.0.1:9/1"', "waiting", "It is sent to 127.0.0.1:9"),
        ("", "local", "It is not sent: no destination is configured"),
        (', dsn="http://key@127.0.0.1:9/1", note=False', "waiting", None),
    ],
)
def test_the_note_names_a_workers_report(run: Run, more: str, folder: str, said: str | None) -> None:
    """The parent dies of it and tells its user where the report is, and whether it is sent."""
    done = run(BEGIN.format(more=more) + POOL.format(then="future.result()"))

    assert 1 == done.status
    [event] = done.events(folder=folder)
    note: Any = re.search(r"See it: .* show (\w+)", done.stderr)
    if said is None:
        assert note is None
    else:
        assert event["event_id"].startswith(note[1])
        assert said in done.stderr


@pytest.mark.parametrize(
    ("more", "folder", "goes"),
    [(', dsn="http://key@127.0.0.1:9/1"', "waiting", True), ("", "local", False)],
    ids=["sent", "kept"],
)
@pytest.mark.parametrize("number", [1, 5])
def test_a_report_knows_where_it_goes_however_often_it_is_written(
    run: Run, more: str, folder: str, goes: bool, number: int
) -> None:
    """Its destination stands in its file, or none; writing the count anew changes nothing of that."""
    begin = BEGIN.format(more=more + ", note=False")
    done = run(begin + f"for number in range({number}):\n    capture(fails)\n")

    [path] = done.files(folder=folder)
    header = path.read_bytes().partition(b"\n")[0]
    assert goes == (b"http://key@127.0.0.1:9/1" in header)
    assert [number] == counts(done)


def test_a_forked_child_reports_for_itself(run: Run) -> None:
    """What its parent has reported is its parent's."""
    forks = (
        "import os\ncapture(fails)\ncapture(fails)\npid = os.fork()\n"
        "if not pid:\n    capture(fails)\n    sys.exit()\nos.waitpid(pid, 0)\n"
    )
    assert [2, 1] == counts(run(QUIET + forks))


def test_an_exception_that_keeps_its_own_dict_is_reported_all_the_same(run: Run) -> None:
    """It cannot carry the id of its report; its place tells that it is the same bug."""
    odd = (
        "class Odd(Exception):\n    @property\n    def __dict__(self):\n        raise AttributeError('mine')\n"
        "def odd():\n    raise Odd\n"
        "for _ in range(3):\n    capture(odd)\n"
    )
    assert [3] == counts(run(QUIET + odd))


def test_a_report_that_was_sent_is_not_written_again(run: Run) -> None:
    """Its count is what it was when it left; nothing of it comes back."""
    sent = (
        "import os\nfrom pathlib import Path\ncapture(fails)\n"
        "[path] = (Path.home() / '.local/state/crashguard/demo').glob('*/*.envelope')\n"
        "path.unlink()\ncapture(fails)\n"
    )
    assert [] == counts(run(QUIET + sent))


WORKERS = """
import concurrent.futures, multiprocessing, sys
import crashguard

def first(number): return {}[number]
def second(number): return {"x": 1}[number]
def raises(number): raise KeyError(number)

if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False, delivery="deferred", native=False)
    if sys.argv[1] == "futures":
        with concurrent.futures.ProcessPoolExecutor(1) as pool:
            asked = [lambda task=task, number=number: pool.submit(task, number).result()
                     for number in range(2) for task in (first, second, raises)]
            for ask in asked:
                try: ask()
                except KeyError as exc: crashguard.capture_exception(exc)
    else:
        with multiprocessing.get_context("fork").Pool(1) as pool:
            for number in range(2):
                for task in (first, second, raises):
                    try: pool.apply(task, (number,))
                    except KeyError as exc: crashguard.capture_exception(exc)
"""


def test_the_count_of_a_process_that_is_killed_is_on_record(run: Run) -> None:
    """A pool ends its workers by a signal: how often a guard reported in them stands in the report by then."""
    done = run(
        QUIET
        + "import multiprocessing\n@crashguard.guard('work')\ndef work(number): raise ValueError(number)\n"
        + "if __name__ == '__main__':\n    with multiprocessing.get_context('fork').Pool(1) as pool:\n"
        + "        for number in range(5):\n            try: pool.apply(work, (number,))\n"
        + "            except ValueError: pass\n"
    )

    assert [5] == counts(done)


@pytest.mark.parametrize("more", ["", ", KeyError(1)"], ids=["of workers only", "and one of its own"])
def test_a_guarded_workers_exceptions_are_known_in_a_group(run: Run, more: str) -> None:
    """As a TaskGroup collects them: the workers' report counts them, and the group is no second one."""
    done = run(
        QUIET
        + "import concurrent.futures, multiprocessing\n"
        + "@crashguard.guard('work')\ndef work(number): raise ValueError(number)\n"
        + "if __name__ == '__main__':\n    fork = multiprocessing.get_context('fork')\n"
        + "    with concurrent.futures.ProcessPoolExecutor(1, fork) as pool:\n"
        + "        errors = [each.exception() for each in [pool.submit(work, n) for n in range(2)]]\n"
        + f"    crashguard.capture_exception(ExceptionGroup('workers failed', [*errors{more}]))\n"
    )

    assert ([2] if not more else [1, 2]) == sorted(counts(done))


TWO_WORKERS = """
import concurrent.futures, multiprocessing
def look(table): return table["x"]
@crashguard.guard("guarded")
def guarded(): return look({})
def other(): return look({})

if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        for task in (guarded, other):
            try: pool.submit(task).result()
            except KeyError as exc: crashguard.capture_exception(exc)
"""


def test_a_workers_report_is_not_taken_for_that_of_another_function(run: Run) -> None:
    """Two tasks fail in one helper; the one without a guard has its report from the parent."""
    assert 2 == sum(counts(run(QUIET + TWO_WORKERS)))


POOLS = {
    "joblib": "import joblib\nask = lambda: joblib.Parallel(n_jobs=2)([joblib.delayed(work)(1)])\n",
    "loky": "import loky\npool = loky.get_reusable_executor(max_workers=1)\nask = lambda: pool.submit(work, 1).result()\n",
    "tblib": "import tblib.pickling_support, multiprocessing\ntblib.pickling_support.install()\n"
    "pool = multiprocessing.get_context('fork').Pool(1)\nask = lambda: pool.apply(work, (1,))\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("is_guarded", [True, False], ids=["guard", "plain"])
def test_a_function_that_cloudpickle_takes_along_and_its_parent_make_one_report(
    run: Run, pool: str, is_guarded: bool
) -> None:
    """joblib and loky send the main module's functions by value, without their file; tblib sends tracebacks."""
    guard = "@crashguard.guard('work')\n" if is_guarded else ""
    done = run(
        QUIET
        + f"{guard}def work(number): raise KeyError(number)\n"
        + POOLS[pool]
        + "try: ask()\nexcept KeyError as exc: crashguard.capture_exception(exc)\n",
        python=component("CRASHGUARD_POOLS_PYTHON"),
    )

    assert [1] == counts(done)
    assert ("guard" if is_guarded else "capture") == done.event["exception"]["values"][-1]["mechanism"][
        "type"
    ]


@pytest.mark.parametrize("how", ["futures", "pool"])
def test_a_class_whose_name_may_not_leave_makes_one_report_of_worker_and_parent(
    run: Run, how: str, tmp_path: Path
) -> None:
    """The class of a library that the tool does not require: the worker's report does not name it."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/errs.py").write_text("class Strange(Exception): pass\n")
    done = run(
        QUIET
        + f"import sys\nsys.path.append({str(tmp_path / 'lib')!r})\nimport errs, multiprocessing\n"
        + "@crashguard.guard('work')\ndef work(number): raise errs.Strange(number)\n"
        + "from concurrent.futures import ProcessPoolExecutor\n"
        + "fork = multiprocessing.get_context('fork')\n"
        + "with ProcessPoolExecutor(1, fork) as futures, fork.Pool(1) as pool:\n"
        + "    try: futures.submit(work, 1).result() if sys.argv[1] == 'futures' else pool.apply(work, (1,))\n"
        + "    except errs.Strange as exc: crashguard.capture_exception(exc)\n",
        how,
    )

    assert [1] == counts(done)
    assert "Exception (<external> subclass)" == done.event["exception"]["values"][-1]["type"]


@pytest.mark.parametrize("how", ["futures", "pool"])
def test_bugs_of_workers_are_told_apart_where_their_parent_asks_at_one_place(run: Run, how: str) -> None:
    """Three bugs of one type, each twice, come out of one line of the parent: three reports that say two."""
    assert [2, 2, 2] == counts(run(WORKERS, how))


def test_groups_that_nobody_raised_are_told_apart_by_their_members(run: Run) -> None:
    """A group without a traceback of its own is not the one before, if other bugs are in it."""
    done = run(
        QUIET
        + """
def caught(call, *args):
    try: call(*args)
    except Exception as exc: return exc

for number in (1, 2, 1):
    crashguard.capture_exception(ExceptionGroup("all", [caught(make(number))]))
"""
    )

    assert [2, 1] == counts(done)


FAILS_ONCE = """
from crashguard.report import event
whole, asked = event.describe, []

def describe(*args, **options):
    asked.append(1)
    if len(asked) == 1:
        raise RuntimeError("no report can be made now")
    return whole(*args, **options)

event.describe = describe
print(capture(fails, 1), capture(fails, 2) is not None, capture(fails, 3) is not None)
"""


def test_a_report_that_could_not_be_made_is_tried_again(run: Run) -> None:
    """The crash has its minimal record meanwhile; the next one of the bug has a whole report, which counts on."""
    done = run(QUIET + FAILS_ONCE)

    assert "None True True\n" == done.stdout
    whole = [event for event in done.events() if event["contexts"]["crashguard"]["complete"]]
    assert [2] == [event["contexts"]["crashguard"]["occurrences"] for event in whole]
    assert 1 == len(done.files(folder="recording"))


def test_a_report_that_no_disk_takes_is_not_written_again_for_each_crash(run: Run) -> None:
    """What cannot be kept is known all the same: the bug is described once and counted."""
    done = run(
        QUIET
        + """
from crashguard.report import event
from crashguard.spool.store import Spool
whole, asked = event.describe, []

def describe(*args, **options):
    asked.append(1)
    return whole(*args, **options)

def keep(*args, **options):
    raise OSError(28, "No space left on device")

event.describe, Spool.keep = describe, keep
for number in range(5):
    capture(fails, number)
print(len(asked))
"""
    )

    assert "1\n" == done.stdout
    assert [] == done.files(folder="local")


def test_one_process_reports_so_many_bugs_and_the_journal_says_how_many_more(run: Run) -> None:
    """Fifty bugs have reports; of the others the number is on record."""
    done = run(QUIET + "for number in range(57):\n    capture(make(number))\n")

    assert [1] * 50 == counts(done)
    assert ["7 crashes beyond 50"] == [
        " ".join(line.split()[3:7]) for line in journal(done) if "beyond" in line
    ]


def test_what_ends_a_program_is_fatal_and_what_it_handles_an_error(run: Run) -> None:
    """A guard that lets an exception pass, a hook, and a guard or call that handles it are told apart."""
    done = run(
        QUIET
        + """
try:
    with crashguard.guard(): make(1)()
except LookupError: pass
with crashguard.guard(reraise=False): make(2)()
capture(make(3))
fails()
"""
    )

    levels = [event["level"] for event in done.events()]  # by name, which begins with the time
    assert ["fatal", "error", "error", "fatal"] == levels


def test_an_exception_that_passes_two_guards_counts_once_each_time(run: Run) -> None:
    """The second guard knows it as the one that the first has seen, also where the bug was reported before."""
    done = run(
        QUIET
        + """
for number in range(4):
    with crashguard.guard("outer", reraise=False):
        with crashguard.guard("inner"):
            fails(number)
"""
    )

    assert [4] == counts(done)


def test_a_minimal_record_belongs_to_the_reports_of_its_bug(run: Run) -> None:
    """All that a killed process left begins as the fingerprint of the full report does, and is counted with it."""
    program = (
        BEGIN.format(more="")
        + "class Fatal(Exception): ...\n"
        + "def load(path):\n    try:\n        fails(path)\n    except ValueError as exc:\n        raise Fatal('x') from exc\n"
        + "if sys.argv[1:]:\n    import os\n    sys.excepthook.previous = lambda *args: os._exit(3)\n"
        + "load('x')\n"
    )
    [full] = run(program).events()
    done = run(program, "die")
    recover(Spool(str(done.state / "demo")))

    assert 3 == done.status
    [whole, minimal] = sorted(
        reports.reports(Spool(str(done.state / "demo"))), key=lambda each: len(each.data)
    )[::-1]
    assert False is minimal.event["contexts"]["crashguard"]["complete"]
    assert full["fingerprint"] == whole.event["fingerprint"] == minimal.event["fingerprint"]
    assert store.group_of(whole.name) == store.group_of(minimal.name)


def test_a_minimal_record_that_tells_no_more_is_grouped_by_type_and_function(run: Run) -> None:
    """Of one that another Python wrote, its fingerprint is the beginning: rule, type, innermost own function."""
    program = BEGIN.format(more="") + (
        "import os\nsys.excepthook.previous = lambda *args: os._exit(3)\n"
        "def read(rows): return [row['x'] for row in rows]\nread([{}])\n"
    )
    done = run(program)
    [left] = (done.state / "demo/recording").iterdir()
    left.write_bytes(left.read_bytes().replace(b"\n1.", b"\n0."))
    recover(Spool(str(done.state / "demo")))

    [minimal] = reports.reports(Spool(str(done.state / "demo")))
    module = minimal.event["transaction"].removesuffix(" in read")
    assert ["4", "KeyError", f"{module}:read"] == minimal.event["fingerprint"]
    assert 3 == minimal.data.count(b"\n")


@pytest.mark.parametrize(
    "switched_off",
    [
        "pass",
        "logging.config.dictConfig({'version': 1})",
        "logging.disable()",
        "logging.getLogger('asyncio').setLevel(logging.CRITICAL + 1)",
    ],
)
def test_a_lost_task_is_seen_whatever_became_of_its_log(run: Run, switched_off: str) -> None:
    """Of a logger that is switched off, too, each once; the program's log is as without crashguard."""
    loses = (
        "import asyncio, gc, logging, logging.config\n"
        "async def lost(): raise LookupError('lost')\n"
        "async def main():\n"
        "    task = asyncio.ensure_future(lost()); await asyncio.sleep(0.01); del task; gc.collect()\n"
        "    asyncio.get_running_loop().call_soon(fails); await asyncio.sleep(0.01)\n"
        f"{switched_off}\nlogging.basicConfig(format='%(filename)s %(funcName)s')\nasyncio.run(main())\n"
    )
    done = run(QUIET + loses)
    without = run("def fails(): raise ValueError\n" + loses)

    assert {"LookupError": 1, "ValueError": 1} == {
        event["exception"]["values"][-1]["type"]: event["contexts"]["crashguard"]["occurrences"]
        for event in done.events()
    }
    assert without.stderr.count("default_exception_handler") == done.stderr.count("default_exception_handler")
