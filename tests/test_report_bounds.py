"""What is told of a crash that is larger than a report may be, and that a recursion is one bug however deep it went.

The bounds are those of others: what a server takes at all (a mebibyte), and where Sentry cuts on its own.
"""

import itertools
from typing import Any

import pytest

from tests.conftest import Finished, Run

pytestmark = pytest.mark.slow


# What each of the programs begins with.
BEGIN = """
import sys
import crashguard
crashguard.install(app="demo", version="1.0", note=False)

def report(fails, *args):
    try:
        fails(*args)
    except BaseException:
        crashguard.capture_exception()

def first(left):
    return second(left - 1)
def second(left):
    return third(left - 1)
def third(left):
    return fourth(left - 1)
def fourth(left):
    if left <= 0:
        raise LookupError("too deep")
    return first(left - 1)
"""


def told(done: Finished) -> list[dict[str, Any]]:
    """The exceptions of the only report, the one that was raised last of all first."""
    assert "" == done.stderr
    values: list[dict[str, Any]] = done.event["exception"]["values"]
    return values[::-1]


def types(done: Finished) -> list[str]:
    return [value["type"] for value in told(done)]


def parts(value: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The functions before and after the mark that stands for what was cut."""
    functions = [frame["function"] for frame in value["stacktrace"]["frames"]]
    [mark] = [at for at, function in enumerate(functions) if "frames cut" in function]
    return functions[:mark], functions[mark + 1 :]


# What one bug is


@pytest.mark.parametrize("start", ["first", "second", "third", "fourth"])
def test_functions_that_call_each_other_are_one_bug_at_any_depth(run: Run, start: str) -> None:
    """Four functions in a circle, which fail in the second, the third, the twentieth turn: one report, counted."""
    done = run(
        BEGIN + "for turns in (2, 3, 20, 100):\n    report(globals()[sys.argv[1]], 4 * turns)\n", start
    )

    assert 4 == done.event["contexts"]["crashguard"]["occurrences"]


# What is told of a long traceback

CHAIN = """
def chain(number):
    try:
        if number:
            chain(number - 1)
    except LookupError:
        first(300)
    first(300)

report(chain, 5)
"""


def test_where_the_room_ends_an_exception_still_shows_both_ends(run: Run) -> None:
    """Six deep tracebacks in one report: the last that finds room has a quarter of it for its outer end."""
    values = told(run(BEGIN + CHAIN))

    sizes = [len(value.get("stacktrace", {}).get("frames", ())) for value in values]
    assert sizes == sorted(sizes, reverse=True)
    [squeezed] = [value for value, size in zip(values, sizes, strict=True) if 1 < size < sizes[0]]
    outer, inner = parts(squeezed)
    assert len(inner) == 3 * len(outer) > 0
    assert "chain" == outer[0]
    assert "fourth" == inner[-1]


POOL = """
import concurrent.futures, multiprocessing
with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
    report(pool.submit(first, 400).result)
"""


def test_of_a_workers_traceback_a_quarter_is_its_outer_end(run: Run) -> None:
    """It came as text from another process; both of its ends are told, in the same shares."""
    values = told(run(BEGIN + POOL))

    [worker] = [value for value in values if value["type"] == "_RemoteTraceback"]
    outer, inner = parts(worker)
    assert len(inner) == 3 * len(outer) > 0
    assert ["_process_worker", "first"] == outer[:2]
    assert "fourth" == inner[-1]


# What is told of a group

GROUPS = """
def nested():
    exc = LookupError("the leaf")
    for level in range(int(sys.argv[1])):
        exc = ExceptionGroup(f"group {level}", [exc])
    raise exc

report(nested)
"""


def test_a_leaf_ten_groups_deep_is_told(run: Run) -> None:
    """No program nests task groups deeper than that on purpose; what is in them is what broke."""
    assert ["ExceptionGroup"] * 10 + ["LookupError"] == types(run(BEGIN + GROUPS, "10"))


def test_groups_without_end_are_told_to_a_depth_of_ten(run: Run) -> None:
    """A bound there is: a report of a hundred empty shells would be about nothing. It says that there is more."""
    told = types(run(BEGIN + GROUPS, "100"))
    assert 11 == told.count("ExceptionGroup")
    assert ["[... 1 more exceptions cut ...]"] == [name for name in told if name != "ExceptionGroup"]


CAUSES = """
def caused():
    exc = LookupError("the first")
    for number in range(30):
        outer = ValueError(number)
        outer.__cause__ = exc
        exc = outer
    raise ExceptionGroup("one", [exc])

report(caused)
"""


def test_causes_do_not_count_as_groups(run: Run) -> None:
    """A chain of thirty causes below a group is told to its end."""
    assert ["ExceptionGroup", *["ValueError"] * 30, "LookupError"] == types(run(BEGIN + CAUSES))


# What a server takes

# Letters outside of the plane that most text is in: twelve bytes each, once they are written as JSON.
LARGE = """
import sys, types
import crashguard
LETTER = chr(0x10330)
crashguard.install(
    app="demo", version="1.0", note=False, delivery="deferred", dsn="http://key@127.0.0.1:9/1", packages=[LETTER * 200]
)
FUNCTION, KIND = LETTER * 190, LETTER * 180
code = f'''
class {KIND}(Exception):
    pass

def {FUNCTION}(left, number):
    if left:
        {FUNCTION}(left - 1, number)
    try:
        if number:
            {FUNCTION}(30, number - 1)
    except {KIND}:
        raise {KIND}("{LETTER}" * 6000)
    raise {KIND}("{LETTER}" * 6000)
'''
module = sys.modules[LETTER * 200] = types.ModuleType(LETTER * 200)
module.__file__ = f"/{module.__name__}.py"
own = vars(module)
exec(compile(code, module.__file__, "exec"), own)
own[FUNCTION](30, 12)
"""


def test_a_report_of_the_longest_names_is_still_one_that_a_server_takes(run: Run) -> None:
    """Sentry refuses more than a mebibyte: rather few frames than no report."""
    done = run(LARGE)

    [path] = done.files(folder="waiting")
    assert path.stat().st_size <= 2**20
    raised = done.event["exception"]["values"][-1]
    assert raised["type"].startswith(chr(0x10330))
    assert raised["stacktrace"]["frames"]


TAG = """
with crashguard.guard({name!r}, reraise=False):
    fourth(0)
"""


def test_a_long_tag_is_one_that_sentry_keeps(run: Run) -> None:
    """Sentry keeps two hundred characters of a tag; what is longer is cut here, and begins as it was given."""
    name = "".join(itertools.islice(itertools.cycle("read the orders of "), 500))
    tag = run(BEGIN + TAG.format(name=name)).event["tags"]["guard"]

    assert 150 < len(tag) <= 200
    assert name.startswith(tag)
