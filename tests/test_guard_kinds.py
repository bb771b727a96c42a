"""What a guard can be put on, and where a guarded function can travel: wherever the function itself could."""

import copy
import functools
import pickle
import unittest.mock
import xmlrpc.client
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner

import crashguard
from crashguard import testing
from crashguard.exceptions import ConfigurationError
from tests.conftest import Run

PLUGIN = crashguard.Plugin("acme", "source", "files", "1.0", packages=["acme_files"])


@crashguard.guard(plugin=PLUGIN)
def fails_as_plugin() -> None:
    raise KeyError("plugin")


@crashguard.guard("work")
def fails() -> None:
    raise KeyError("work")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "thing", [PLUGIN, crashguard.guard("block", plugin=PLUGIN, reraise=False), fails, fails_as_plugin]
)
def test_plugins_guards_and_guarded_functions_travel(thing: Any, protocol: int) -> None:
    """By every protocol of pickle, as copies and as deep copies, they are what they were."""
    for there in (pickle.loads(pickle.dumps(thing, protocol)), copy.copy(thing), copy.deepcopy(thing)):
        assert type(thing) is type(there)
        if isinstance(thing, crashguard.guard):
            assert ("block", PLUGIN, False) == (there.name, there.plugin, there.reraise)
        else:
            assert thing == there


def test_a_plugin_that_was_sent_elsewhere_stays_frozen() -> None:
    """A copy cannot be changed either."""
    with pytest.raises(AttributeError, match="frozen"):
        copy.deepcopy(PLUGIN).name = "other"


def guarded(thing: Any) -> Any:
    return crashguard.guard("kind")(thing)


class Kinds:
    @guarded
    @classmethod
    def of_class(cls) -> str:
        raise KeyError(cls.__name__)

    @guarded
    @staticmethod
    def static() -> str:
        raise KeyError("static")

    @guarded
    @property
    def field(self) -> str:
        raise KeyError("field")

    @classmethod
    @guarded
    def above(cls) -> str:
        raise KeyError(cls.__name__)

    @guarded
    @functools.lru_cache  # noqa: B019 (the class is the test's)
    def cached(self) -> str:
        raise KeyError("cached")


@pytest.mark.parametrize(
    "call",
    [Kinds.of_class, Kinds().of_class, Kinds.static, Kinds().static, lambda: Kinds().field, Kinds.above,
     Kinds().cached],
)  # fmt: skip
def test_a_guard_goes_over_the_decorators_of_a_method(call: Callable[[], object]) -> None:
    """Over a class method, a static method, a property and a cache; it records what their function raises."""
    with testing.captured_reports() as reports, pytest.raises(KeyError):
        call()

    assert ["kind"] == [report.event["tags"]["guard"] for report in reports]


def test_a_guarded_property_can_still_be_set_and_documented() -> None:
    """All of its functions are guarded."""

    class Box:
        def _get(self) -> int:
            return 1

        def _set(self, value: int) -> None:
            raise ValueError(value)

        size = guarded(property(_get, _set, doc="How large it is."))

    assert "How large it is." == Box.size.__doc__
    assert 1 == Box().size
    with testing.captured_reports() as reports, pytest.raises(ValueError, match="3"):
        Box().size = 3
    assert 1 == len(reports)


def test_a_cache_keeps_its_methods() -> None:
    """A program that empties the cache of a guarded function goes on to."""
    calls: list[int] = []

    @guarded
    @functools.lru_cache(maxsize=4)
    def double(number: int) -> int:
        calls.append(number)
        return 2 * number

    assert [2, 2] == [double(1), double(1)]
    assert (1, 1) == double.cache_info()[:2]
    double.cache_clear()
    assert 2 == double(1)
    assert [1, 1] == calls
    assert {"maxsize": 4, "typed": False} == double.cache_parameters()


def test_a_single_dispatch_function_can_still_be_extended() -> None:
    """Its registry goes along."""

    @guarded
    @functools.singledispatch
    def size(thing: object) -> int:
        raise TypeError(thing)

    size.register(str)(len)
    assert 3 == size("abc")
    with testing.captured_reports() as reports, pytest.raises(TypeError):
        size(4)
    assert 1 == len(reports)


@pytest.mark.parametrize("kind", [unittest.mock.Mock, unittest.mock.MagicMock])
def test_what_answers_to_any_name_is_no_click_command(kind: type[unittest.mock.Mock]) -> None:
    """A test puts a mock where the entry point was; a proxy of a remote object answers likewise."""
    assert 3 == crashguard.guard()(kind(return_value=3))("x")
    remote = xmlrpc.client.ServerProxy("http://127.0.0.1:9").sync
    with pytest.raises(ConnectionRefusedError):
        crashguard.guard()(remote)("x")


def test_a_click_command_stays_a_command() -> None:
    """A command and a group: what any of their functions raises is recorded, a usage error is not."""

    @guarded
    @click.group()
    def cli() -> None: ...

    @cli.command()
    @click.option("--count", type=int)
    def work(count: int) -> None:
        raise KeyError(count)

    @guarded
    @click.command()
    def alone() -> None:
        raise IndexError("alone")

    assert isinstance(cli, click.Group)
    assert isinstance(alone, click.Command)
    with testing.captured_reports() as reports:
        assert isinstance(CliRunner().invoke(cli, ["work", "--count", "3"]).exception, KeyError)
        assert 2 == CliRunner().invoke(cli, ["work", "--count", "x"]).exit_code
        assert 2 == CliRunner().invoke(cli, ["other"]).exit_code
        assert isinstance(CliRunner().invoke(alone).exception, IndexError)
    assert 2 == len(reports)


class Job:
    """What the decorator of a task queue makes of a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.calls = 0

    def __call__(self, *args: Any) -> Any:
        self.calls += 1
        return self.__wrapped__(*args)  # type: ignore[attr-defined]

    def later(self) -> None: ...


def test_the_call_of_an_object_with_attributes_can_be_guarded() -> None:
    """As the error says that refuses the object; the object itself stays what it was."""
    job = Job(fails)
    with testing.captured_reports() as reports, pytest.raises(KeyError):
        guarded(job.__call__)()

    assert 1 == len(reports)
    assert 1 == job.calls


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (type("Sync", (), {}), "guard its methods"),
        (functools.cached_property(len), "below @cached_property"),
        (functools.partialmethod(len), "below @partialmethod"),
        (Job(len), r"\(calls, later\): put @guard\(\) below the decorator"),
        (None, "a function"),
        (3, "a function"),
        ("name", "a function"),
    ],
)
def test_what_cannot_be_guarded_is_told_at_once(thing: Any, said: str) -> None:
    """The error comes where the decorator stands, and says what to write instead."""
    with pytest.raises(ConfigurationError, match=said):
        guarded(thing)


@pytest.mark.since(3, 12)
def test_a_coroutine_function_by_its_mark_is_guarded_where_it_runs() -> None:
    """`inspect.markcoroutinefunction` (3.12) says of a plain function that its result is to be awaited."""
    import asyncio
    import inspect

    async def inner() -> None:
        raise KeyError("late")

    def plain() -> Any:
        return inner()

    marked = crashguard.guard("marked")(inspect.markcoroutinefunction(plain))  # type: ignore[attr-defined,unused-ignore]
    assert inspect.iscoroutinefunction(marked)
    with testing.captured_reports() as reports, pytest.raises(KeyError):
        asyncio.run(marked())
    assert 1 == len(reports)


@pytest.mark.slow
@pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])
def test_a_guarded_function_works_in_a_pool(run: Run, start: str) -> None:
    """multiprocessing and concurrent.futures send the function, its arguments and what it raises."""
    done = run(
        "import concurrent.futures, multiprocessing, sys\n"
        "import crashguard\n"
        "PLUGIN = crashguard.Plugin('acme', 'source', 'files', '1.0')\n"
        "crashguard.install(app='demo', version='1.0', delivery='deferred', note=False)\n"
        "@crashguard.guard('work', plugin=PLUGIN)\n"
        "def work(plugin, number):\n    return plugin == PLUGIN, number * 2\n"
        "if __name__ == '__main__':\n"
        f"    context = multiprocessing.get_context({start!r})\n"
        "    with context.Pool(1) as pool:\n        print(pool.apply(work, (PLUGIN, 3)))\n"
        "    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:\n"
        "        print(pool.submit(work, PLUGIN, 4).result())\n"
    )

    assert (0, "(True, 6)\n(True, 8)\n", "") == (done.status, done.stdout, done.stderr)
