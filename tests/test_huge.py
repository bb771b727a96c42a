"""A huge exception costs what a large one costs, and its report says what was left out."""

import pytest

from tests.conftest import Run

HUGE = {
    "bytes": "ValueError(b'x' * 100_000_000)",
    "text": "ValueError('x ' * 50_000_000)",
    "arguments": "ValueError(*range(200_000))",
    "list": "KeyError([1] * 2_000_000)",
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
    """Whatever it has 200,000 of: at most 200,000 lines of Python run for it; the report is whole and small."""
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
    assert int(done.stdout) < 200_000
    path = done.files()[-1]
    assert path.stat().st_size < 100_000
    assert "cut" in path.read_text()
