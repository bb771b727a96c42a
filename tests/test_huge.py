"""A huge exception costs what a large one costs, and its report says what was left out."""

import collections  # noqa: F401 (for the sources below)

import pytest

from crashguard import report
from tests.conftest import Run

tracemalloc = pytest.importorskip("tracemalloc", reason="PyPy has no tracemalloc", exc_type=ImportError)

HUGE = {
    "bytes": "ValueError(b'x' * 100_000_000)",
    "text": "ValueError('x ' * 50_000_000)",
    "arguments": "ValueError(*range(200_000))",
    "list": "KeyError([1] * 2_000_000)",
    "key": "KeyError('x ' * 50_000_000)",
    "path": "OSError(2, 'no', 'directory/' * 10_000_000)",
    "dict": "KeyError({number: 'x' for number in range(200_000)})",
    "group's message": "ExceptionGroup('x ' * 50_000_000, [ValueError()])",
    "notes": "noted(ValueError('why'))",
    "members": "ExceptionGroup('many', [ValueError(number) for number in range(200_000)])",
    "nested": "nested(ExceptionGroup, lambda exc: ('deep', [exc]))",
    "causes": "linked('__cause__')",
    "contexts": "linked('__context__')",
}
MAKE = """
import sys, time
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)

def noted(exc):
    for number in range(200_000):
        exc.add_note(f"note {number}")
    return exc

def nested(cls, arguments):
    exc = ValueError("inside")
    for _ in range(200_000):
        exc = cls(*arguments(exc))
    return exc

def linked(name):
    first = exc = ValueError(0)
    for number in range(200_000):
        inner = ValueError(number)
        setattr(exc, name, inner)
        exc = inner
    return first

kept = []  # or the interpreter recurses where it frees a chain
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", HUGE)
def test_a_huge_exception_takes_a_bounded_number_of_steps(run: Run, kind: str) -> None:
    """Whatever it has 200,000 of: at most 350,000 lines of Python run for it (some 35 ms); the report is whole and small."""
    done = run(
        MAKE
        + "crashguard.capture_exception(OSError('what is needed is imported first'))\n"
        + f"kept.append({HUGE[kind]})\n"
        + "lines = 0\n"
        + "def count(frame, event, arg):\n    global lines\n    lines += 1\n    return count\n"
        + "sys.settrace(count)\ncrashguard.capture_exception(kept[0])\nsys.settrace(None)\nprint(lines)\n"
        + "sys.stdout.flush()\nimport os; os._exit(0)\n"
    )

    assert (0, "") == (done.status, done.stderr)
    assert int(done.stdout) < 350_000
    path = done.files()[-1]
    assert path.stat().st_size < 100_000
    assert "cut" in path.read_text()


RAISED = {
    "contexts": "linked('__context__', {number})",
    "causes": "linked('__cause__', {number})",
    "frames": "deep({number})",
    "raises": "raised_often({number})",
    "members": "ExceptionGroup('many', [ValueError(number) for number in range({number})])",
    "members with tracebacks": "ExceptionGroup('many', [deep(1) for number in range({number})])",
}
SEES = {
    "guard": "with crashguard.guard('x', reraise=False): raise exc",
    "handler": "try: raise exc\nexcept Exception: crashguard.capture_exception()",
    "thread": "thread = threading.Thread(target=fail); thread.start(); thread.join()",
    "destructor": "Late()",
}
TIMED = """
import sys, threading, time
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)
sys.setrecursionlimit(1_000_000)
threading.excepthook.previous = sys.unraisablehook.previous = lambda args: None

def linked(name, number):
    first = exc = ValueError(0)
    for _ in range(number):
        inner = ValueError(0)
        setattr(exc, name, inner)
        exc = inner
    return first

def deep(number):
    try:
        down(number)
    except ValueError as exc:
        return exc

def down(number):
    if not number:
        raise ValueError("deep")
    down(number - 1)

def raised_often(number):
    exc = ValueError("again")
    for _ in range(number):
        try:
            raise exc
        except ValueError:
            pass
    return exc

def fail():
    raise exc

class Late:
    def __del__(self): fail()

def see():
    begin = time.process_time()
    {see}
    return time.process_time() - begin

for exc in (OSError("what is needed is imported first"), ExceptionGroup("so is this", [KeyError()])):
    see()
exc = {make}
print(see())
sys.stdout.flush()
import os; os._exit(0)  # or the interpreter recurses where it frees a chain
"""


@pytest.mark.slow
@pytest.mark.parametrize("see", SEES)
@pytest.mark.parametrize("kind", RAISED)
def test_a_huge_exception_takes_about_the_time_of_a_large_one(run: Run, kind: str, see: str) -> None:
    """Of the processor, while the program handles it: two hundred times as much costs 150 ms more at most."""
    program = TIMED.replace("{see}", SEES[see].replace("\n", "\n    ")).replace("{make}", RAISED[kind])
    large, huge = (run(program.replace("{number}", number)) for number in ("1_000", "200_000"))

    assert (0, "", 0, "") == (large.status, large.stderr, huge.status, huge.stderr)
    assert float(huge.stdout) - float(large.stdout) < 0.15


def test_a_long_traceback_keeps_both_ends(run: Run) -> None:
    """The mark in the middle has the number of all frames that are missing."""
    done = run(
        TIMED.partition("def see")[0]
        + "def outer(): down(20_000)\ntry: outer()\nexcept ValueError: crashguard.capture_exception()\n"
    )

    functions = [each["function"] for each in done.event["exception"]["values"][-1]["stacktrace"]["frames"]]
    [cut] = [each for each in functions if "cut" in each]
    assert ["<module>", "outer", "down"] == functions[:3]
    assert f"[... {20_003 - len(functions) + 1} frames cut ...]" == cut


# Exceptions whose text would be large, and the arguments of one that is small enough to be whole.
LARGE = {
    "KeyError": ("'x ' * 50_000_000", "'x'"),
    "KeyError of bytes": ("b'x' * 50_000_000", "b'x'"),
    "OSError": ("2, 'no', 'x/' * 50_000_000", "2, 'no', 'x/'"),
    "OSError of two": ("2, 'no', 'x', None, b'x/' * 50_000_000", "2, 'no', 'x', None, b'x/'"),
    "ImportError": ("'x ' * 50_000_000", "'x'"),
    "SyntaxError": ("'why', ('f' * 50_000_000, 1, 2, 'text')", "'why', ('f', 1, 2, 'text')"),
    "ExceptionGroup": ("'x ' * 50_000_000, [ValueError()]", "'x', [ValueError()]"),
    "ValueError of a bytearray": ("bytearray(50_000_000)", "bytearray(5)"),
    "ValueError of lists": ("[[list(range(1_000_000))]]", "[[[1]]]"),
    "ValueError of a tuple": ("'why', ('a', 'x' * 50_000_000)", "'why', ('a', 'x')"),
    "ValueError of a dict": ("{'a': {number: 1 for number in range(1_000_000)}}", "{'a': {1: 1}}"),
    "ValueError of a set": ("set(range(1_000_000))", "{1}"),
    "ValueError of a deque": ("collections.deque(range(1_000_000))", "collections.deque([1])"),
    "UnicodeDecodeError": ("'utf-8', b'x', 0, 1, 'x ' * 50_000_000", "'utf-8', b'x', 0, 1, 'x'"),
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_text_that_would_be_large_is_never_made(kind: str) -> None:
    """A thousandth of its memory is taken to make the message, which has a mark where something was cut."""
    large, small = (eval(f"{kind.split(maxsplit=1)[0]}({each})") for each in LARGE[kind])
    report.message_of(large)  # what is needed is imported
    tracemalloc.start()
    message = report.message_of(large)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 300_000
    assert len(message) < 10_000
    assert "cut ...]" in message
    assert str(small) == report.message_of(small)


def test_an_undecodable_text_of_any_size_says_where_it_is_wrong() -> None:
    """The object is no part of that message, however long it is."""
    exc = UnicodeDecodeError("utf-8", b"x" * 1_000_000, 3, 4, "invalid start byte")

    assert str(exc) == report.message_of(exc)


@pytest.mark.slow
def test_the_traceback_of_a_worker_is_read_to_a_bound(run: Run) -> None:
    """A message of 20 million characters is in its text; the frames above it are known all the same."""
    done = run(
        """
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)
import concurrent.futures, multiprocessing
@crashguard.guard("worker")
def work():
    raise ValueError("x " * 10_000_000)

if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
        print(crashguard.capture_exception(pool.submit(work).exception()))
"""
    )

    assert f"{done.event['event_id']}\n" == done.stdout
