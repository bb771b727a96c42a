"""`ignore=`: what a tool expects is no crash. It ends the program as it would, and nothing is recorded."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import crashguard
from crashguard import testing
from crashguard.exceptions import ConfigurationError
from crashguard.integrations import asgi, textual
from tests.conftest import Run

BEGIN = """
import sys
import crashguard

class Expected(Exception): ...
class Refused(Expected): ...

def is_busy(exc):
    return "busy" in str(exc)

def is_wrong(exc):
    raise RuntimeError("the function itself is wrong")

def exits(exc):
    sys.exit("the function itself is wrong")

class Asks(type):
    def __subclasscheck__(cls, other): raise RuntimeError("the function itself is wrong")
class Wrong(Exception, metaclass=Asks): ...

crashguard.install(app="demo", version="1.0", delivery="deferred", note=False, ignore={ignore})
"""


@pytest.mark.parametrize(
    ("ignore", "raised", "reports"),
    [
        ("Expected", "Expected('no')", 0),
        ("Expected", "Refused('no')", 0),
        ("[KeyError, Expected]", "Refused('no')", 0),
        ("Refused", "Expected('no')", 1),
        ("is_busy", "OSError('busy')", 0),
        ("[is_busy, Expected]", "OSError('gone')", 1),
        ("is_wrong", "OSError('gone')", 1),
        ("[is_wrong, OSError]", "OSError('gone')", 0),
        ("exits", "OSError('gone')", 1),
        ("Wrong", "OSError('gone')", 1),
        ("Expected", "ExceptionGroup('two', [Expected(), Refused()])", 0),
        ("Expected", "ExceptionGroup('two', [Expected(), KeyError()])", 1),
        ("Expected", "KeyError('no')", 1),
    ],
)
def test_an_expected_exception_ends_the_program_and_leaves_no_report(
    run: Run, ignore: str, raised: str, reports: int
) -> None:
    """Types, their subclasses, functions, and groups all of whose members are expected; a wrong function, or class, hides none."""
    done = run(BEGIN.format(ignore=ignore) + f"raise {raised}\n")

    assert 1 == done.status
    assert "Traceback" in done.stderr
    assert "the function itself is wrong" not in done.stderr
    assert reports == len(done.events())
    assert ("rong" in ignore or ignore == "exits") is ("crashguard: ignore: " in done.stderr)
    if not reports:
        assert [] == done.left


@pytest.mark.parametrize(
    "death",
    [
        "import threading\nthread = threading.Thread(target=fails)\nthread.start(); thread.join()",
        "class Late:\n    def __del__(self): fails()\ndel Late",
        "import asyncio\nasync def fail(): fails()\n"  # noqa: ISC004 (one program on two lines)
        "async def main(): asyncio.ensure_future(fail()); await asyncio.sleep(0.01)\nasyncio.run(main())",
        "import sys\nsys.excepthook = lambda *args: None\nfails()",
    ],
)
def test_it_holds_wherever_the_exception_arrives(run: Run, death: str) -> None:
    """In a thread, a finalizer, a task, and behind a hook that passes nothing on."""
    fails = "def fails(): raise Refused('no')\n"
    assert [] == run(BEGIN.format(ignore="Expected") + fails + death + "\n").left


@pytest.mark.slow
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_worker_process_knows_what_is_expected(run: Run, start: str) -> None:
    """A new interpreter gets the types and functions that it can find by name."""
    program = (
        "import multiprocessing\n"
        "def fails(): raise Refused('no')\n"
        "def crashes(): raise KeyError('yes')\n"
        "if __name__ == '__main__':\n"
        f"    context = multiprocessing.get_context({start!r})\n"
        "    for target in (fails, crashes):\n"
        "        worker = context.Process(target=target)\n        worker.start()\n        worker.join()\n"
    )
    install = 'if __name__ == "__main__":\n    crashguard.install'
    begin = BEGIN.format(ignore="[Expected, is_busy, lambda exc: False]").replace(
        "crashguard.install", install
    )
    [event] = run(begin + program).events()
    assert "KeyError" == event["exception"]["values"][-1]["type"]


def test_a_guard_has_expected_exceptions_of_its_own() -> None:
    """Beside those of install(); another guard does not know them. An expected exception is always raised again."""

    @crashguard.guard("strict", reraise=False, ignore=LookupError)
    def work(exc: Exception) -> None:
        raise exc

    with testing.captured_reports() as reports:
        crashguard.install(app="demo", version="1.0", ignore=lambda exc: "busy" in str(exc), note=False)
        with pytest.raises(LookupError):
            work(KeyError("expected by the guard"))
        with pytest.raises(OSError, match="busy"):
            work(OSError("busy"))
        assert [] == list(reports)
        work(OSError("gone"))
        with pytest.raises(KeyError), crashguard.guard("other"):
            raise KeyError("expected by the first guard only")

    assert ["OSError", "KeyError"] == [report.type for report in reports]


async def is_late(exc: BaseException) -> bool:
    """An async function: what it returns is a coroutine, which counts as true."""
    return False


def says_more(exc: BaseException) -> Iterator[bool]:
    """A generator function: what it returns counts as true, too."""
    yield False


class Late:
    """A callable object that answers later."""

    async def __call__(self, exc: BaseException) -> bool:
        return False


WRONG = {
    "a text": ("KeyError", "'KeyError' is a text"),
    "bytes": (b"KeyError", "b'KeyError' is a text"),
    "a number": (3, "3 is of type int"),
    "an exception": ([KeyError("x")], "KeyError('x') is of type KeyError"),
    "no exception type": ([int], "the class int is no exception"),
    "nothing among others": ([KeyError, None], "None is of type NoneType"),
    "a text among others": ([KeyError, "OSError"], "'OSError' is a text"),
    "an async function": (is_late, "is_late answers later"),
    "a partial of one": ([functools.partial(is_late)], "answers later"),
    "a generator function": (says_more, "says_more answers later"),
    "an async object": (Late(), "answers later"),
    "a long text": ("x" * 10_000, "x... is a text"),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("taker", ["install", "guard", "asgi", "textual"])
def test_what_is_no_exception_type_is_told_where_it_is_written(taker: str, wrong: str) -> None:
    """In one line: the argument, what came, and what to write. By integrations too, and not at the first crash."""
    given: Any
    given, said = WRONG[wrong]
    takers: dict[str, Callable[[], object]] = {
        "install": lambda: crashguard.install(app="demo", version="1.0", ignore=given),
        "guard": lambda: crashguard.guard(ignore=given),
        "asgi": lambda: asgi.CrashMiddleware(serve, ignore=given),
        "textual": lambda: textual.record_app(Screen(), ignore=given),
    }
    with pytest.raises(ConfigurationError) as raised:
        takers[taker]()

    assert str(raised.value).startswith("ignore: ")
    assert said in str(raised.value)
    assert "ignore=(KeyError, is_expected)" in str(raised.value)
    assert len(str(raised.value)) < 400
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("nothing", [None, (), [], set()])
def test_nothing_may_be_expected(nothing: Any) -> None:
    """None is what a tool passes on that has nothing to name; an empty list is the same."""
    with testing.captured_reports() as reports:
        crashguard.install(app="demo", version="1.0", ignore=nothing, note=False)
        with crashguard.guard(reraise=False, ignore=nothing):
            raise KeyError("x")

    assert 1 == len(reports)


async def serve(scope: Any, receive: Any, send: Any) -> None:
    """An application of ASGI."""


class Screen:
    """As much of an app of Textual as an integration sees."""

    def _handle_exception(self, error: Exception) -> None: ...
