"""No local, frame, exception or task of the host outlives its report, and memory stays flat however many come."""

import pytest

from tests.conftest import Run

PROGRAM = """
import asyncio, gc, signal, sys, weakref
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)
{first}
class Local: ...
class Own(Exception): ...
class Slots(Exception):
    __slots__ = ("a",)
class Unreadable(Exception):
    def __str__(self): raise RuntimeError("no text")
class Foreign(Exception):
    def __reduce__(self): return (Foreign, (1,))

KINDS = [
    lambda n: ValueError(f"text {{n}}"), lambda n: KeyError(n), lambda n: Own(n, object()), lambda n: Slots(n),
    lambda n: Unreadable(n), lambda n: OSError(2, "no", str(n)), lambda n: StopIteration(n), lambda n: Foreign(n),
    lambda n: ExceptionGroup("group", [ValueError(n), Unreadable(n)]), lambda n: ConnectionError(),
    lambda n: type(f"Made{{n}}", (Exception,), {{}})(n), lambda n: UnicodeDecodeError("utf8", b"x", 0, 1, str(n)),
]

class Falls:
    def __init__(self, number): self.number = number
    def __del__(self):
        local = Local()
        refs.append(weakref.ref(local))
        raise KINDS[self.number % len(KINDS)](self.number)

loop = asyncio.new_event_loop()
async def lost(number):
    local = Local()
    refs.append(weakref.ref(local))
    raise Own(number)

def handled(number):
    local = Local()
    refs.append(weakref.ref(local))
    try:
        with crashguard.guard("work"):
            raise KINDS[number % len(KINDS)](number)
    except BaseException as exc:
        crashguard.capture_exception(exc)

def finalizer(number):
    Falls(number)

def task(number):
    work = loop.create_task(lost(number))
    loop.run_until_complete(asyncio.wait([work]))

class Nowhere:
    def write(self, text): pass
    def flush(self): pass

report, refs, stderr, sys.stderr = {way}, [], sys.stderr, Nowhere()
def many(start, number):
    for each in range(start, start + number):
        report(each)
    gc.collect()
    refs[:] = [ref for ref in refs if ref() is not None]
    return len(gc.get_objects())
before = many(0, {number})
between = many({number}, {number})
after = many(2 * {number}, {number})
sys.stderr = stderr
print(len(refs), after - between < 200, after - before < 1_000)
"""
HANDLER = "signal.signal(signal.SIGTERM, lambda *_: None)"


@pytest.mark.slow
@pytest.mark.parametrize("first", ["", HANDLER], ids=["plain", "handler"])
@pytest.mark.parametrize(("way", "number"), [("handled", 8_000), ("finalizer", 4_000), ("task", 1_500)])
def test_nothing_of_the_host_outlives_its_report(run: Run, way: str, number: int, first: str) -> None:
    """Of tens of thousands of exceptions no local is alive, and the interpreter has no more objects than before."""
    done = run(PROGRAM.format(way=way, number=number, first=first))

    assert (0, "0 True True\n", "") == (done.status, done.stdout, done.stderr)


@pytest.mark.parametrize("way", ["handled", "finalizer"])
def test_no_cycle_keeps_a_frame_until_the_next_collection(run: Run, way: str) -> None:
    """With the collector switched off too: locals go when they would have gone without crashguard."""
    program = PROGRAM.format(way=way, number=30, first="gc.disable()").replace("    gc.collect()\n", "")
    done = run(program)

    assert done.stdout.startswith("0 "), (done.stdout, done.stderr)


LOCK = """
import crashguard, fcntl
crashguard.install(app="demo", version="1.0", dsn="http://key@127.0.0.1:9/1", delivery="deferred", note=False)
def job(make):
    lock = open("lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    password = "hunter2-of-ada"
    try:
        raise make()
    except Exception as error:
        {handled}
job(lambda: ValueError("bad row"))
job(lambda: KeyError("row"))
job(lambda: AttributeError("'Row' object has no attribute 'x'"))
job(lambda: OSError(2, "no", "x"))
print("done")
"""


@pytest.mark.parametrize("handled", ["crashguard.capture_exception(error)", "crashguard.capture_exception()"])
def test_a_lock_is_released_when_the_function_ends(run: Run, handled: str) -> None:
    """`except ... as error` is a local: a report leaves no copy of it in the frame, up to CPython 3.12 a cycle."""
    done = run(LOCK.format(handled=handled))

    assert (0, "done\n", "") == (done.status, done.stdout, done.stderr)
    assert len(done.events()) == 4
