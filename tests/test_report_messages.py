"""What an exception says, whoever wrote it: a text is asked for where that is safe, and not waited for elsewhere."""

import _thread
import builtins
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import crashguard
from crashguard import testing

PLAIN: list[tuple[BaseException, str]] = [
    (ValueError("bad row"), "bad row"),
    (ValueError(), ""),
    (ValueError("a", 1, 2.5, None, True, b"x"), "('a', 1, 2.5, None, True, b'x')"),
    (KeyError("lid"), "'lid'"),
    (KeyError(("a", 1)), "('a', 1)"),
    (ValueError(["a", 1]), "['a', 1]"),
    (
        OSError(2, "No such file or directory", "orders.csv"),
        "[Errno 2] No such file or directory: 'orders.csv'",
    ),
    (OSError(2, "No link", "a", None, "b"), "[Errno 2] No link: 'a' -> 'b'"),
    (ImportError("cannot import", name="shop", path="shop.py"), "cannot import"),
    (SyntaxError("bad", ("shop.py", 3, 1, "x = ")), "bad (shop.py, line 3)"),
    (
        UnicodeDecodeError("ascii", b"\xff", 0, 1, "odd"),
        "'ascii' codec can't decode byte 0xff in position 0: odd",
    ),
    (SystemError("deep"), "deep"),
]


@pytest.fixture
def reports() -> Iterator[testing.CapturedReports]:
    with testing.captured_reports() as reports:
        crashguard.install(app="demo", version="1.2.3", note=False, messages="full")
        yield reports


def message(reports: testing.CapturedReports, exc: BaseException) -> str:
    before = len(reports)
    crashguard.capture_exception(exc)
    assert before + 1 == len(reports)
    return reports[-1].message


@pytest.mark.parametrize(
    ("exc", "said"), PLAIN, ids=[type(exc).__name__ + str(n) for n, (exc, _) in enumerate(PLAIN)]
)
def test_what_is_plain_is_told_without_a_thread(
    reports: testing.CapturedReports, monkeypatch: pytest.MonkeyPatch, exc: BaseException, said: str
) -> None:
    """C code over plain values cannot hang; it is told also where no thread can be started any more."""

    def refuse(*args: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_thread, "start_new_thread", refuse)

    assert said == message(reports, exc)


class Own(Exception):
    """An exception whose text is code of its own."""

    def __init__(self, text: Callable[[], str]) -> None:
        super().__init__("arguments")
        self.says = text

    def __str__(self) -> str:
        return self.says()


def test_an_own_text_is_told(reports: testing.CapturedReports) -> None:
    """Most classes of tools have one."""
    assert "row 7" == message(reports, Own(lambda: "row 7"))


def test_a_text_that_is_no_plain_text_is_told_as_one(reports: testing.CapturedReports) -> None:
    """A subclass of str may have ideas of its own about slicing and searching."""

    class Odd(str):
        def __getitem__(self, key: Any) -> str:
            raise RuntimeError("never")

        def __str__(self) -> str:
            return "another"

    assert message(reports, Own(lambda: Odd("row 7 " * 2_000))).startswith("row 7 row 7 row 7")


@pytest.mark.parametrize("raised", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, MemoryError])
def test_a_text_that_fails_is_said_to(reports: testing.CapturedReports, raised: type[BaseException]) -> None:
    """By the type of what it raised, whatever that is."""

    def fails() -> str:
        raise raised

    assert f"[message unavailable: __str__ raised {raised.__name__}]" == message(reports, Own(fails))


def test_where_no_thread_can_be_started_an_own_text_is_not_asked_for(
    reports: testing.CapturedReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It might hang, and then nobody could leave it."""

    def refuse(*args: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_thread, "start_new_thread", refuse)

    assert "message unavailable" in message(reports, Own(lambda: "row 7"))


@pytest.fixture
def hangs() -> Iterator[Any]:
    """A value whose text does not come as long as a test runs."""
    end = threading.Event()

    class Hangs:
        def __repr__(self) -> str:
            end.wait()
            return "too late"

        __str__ = __repr__

    yield Hangs()
    end.set()


class OwnGroup(ExceptionGroup[Exception]):
    """A group whose text is code of its own."""

    def __str__(self) -> str:
        return repr(self.exceptions[0].args[0])


class Quiet(Exception):
    """Its own repr, which the interpreter asks for where it is a member of something."""

    def __repr__(self) -> str:
        return f"<{self.args[0]!r}>"


class Watched(Exception):
    """Its attributes are code of its own."""

    def __getattribute__(self, name: str) -> Any:
        return super().__getattribute__(name)


class Meta(type):
    """A class of classes: what it says of its classes is code of its own."""


class Made(Exception, metaclass=Meta):
    pass


@pytest.mark.parametrize(
    "make",
    [
        KeyError,
        lambda value: ValueError("a", value),
        lambda value: ValueError(("a", value)),
        lambda value: ValueError([value]),
        lambda value: ValueError({"a": value}),
        lambda value: OSError(2, "No such file", value),
        lambda value: OSError(2, "No link", "a", None, value),
        lambda value: OSError(2, value),
        lambda value: SyntaxError(value, ("shop.py", 3, 1, "x = ")),
        lambda value: Own(lambda: str(value)),
        Quiet,
        Watched,
        Made,
        lambda value: OwnGroup("both", [ValueError(value)]),
    ],
    ids=[
        "key",
        "second",
        "tuple",
        "list",
        "dict",
        "file",
        "second file",
        "reason",
        "syntax",
        "own",
        "repr",
        "get",
        "meta",
        "group",
    ],
)
def test_a_text_that_does_not_come_is_not_waited_for(
    reports: testing.CapturedReports, hangs: Any, make: Callable[[Any], BaseException]
) -> None:
    """Wherever in an exception the value stands that hangs: the report is made, and says so."""
    crashguard.capture_exception(make(hangs))

    [report] = reports
    assert "[message unavailable: __str__ did not return]" == report.message


def test_a_group_does_not_ask_its_members(reports: testing.CapturedReports, hangs: Any) -> None:
    """Its own text is the message that it was given and a number; the member's hangs alone."""
    crashguard.capture_exception(ExceptionGroup("both", [Own(lambda: str(hangs)), ValueError("a")]))

    report = reports[0]  # the other one is the second member's own
    assert ["a", "[message unavailable: __str__ did not return]", "both (2 sub-exceptions)"] == [
        value["value"] for value in report.event["exception"]["values"]
    ]


def test_the_name_of_a_class_is_the_classs_own(
    reports: testing.CapturedReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a class of classes says of it; two hundred characters at most."""

    class Lies(type):
        def __getattribute__(cls, name: str) -> Any:
            raise RuntimeError("never")

    kind = Lies("Broken", (LookupError,), {"__module__": "builtins"})
    long = type("L" * 300, (LookupError,), {"__module__": "builtins"})
    for each, name in ((kind, "Broken"), (long, "L" * 200)):
        monkeypatch.setattr(builtins, name, each, raising=False)
    message(reports, kind("x"))
    message(reports, long("y"))

    assert ["Broken", "L" * 200] == [report.type for report in reports]
