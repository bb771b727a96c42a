"""A guard where no stack is left: the host's exception goes on as without it, and is on record once."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

import crashguard
from crashguard import Plugin, capture
from tests.test_guards import events

PLUGIN = Plugin("acme", "source", "files", "1.0")
GUARDS = {"name": {"name": "walk"}, "plugin": {"plugin": PLUGIN}}


@pytest.fixture(autouse=True)
def _installed() -> None:
    capture.install(app="demo", version="1.0", dsn="http://k@127.0.0.1:9/1", delivery="deferred", note=False)


def of_function(guard: Any) -> Callable[[], Any]:
    @guard
    def walk(number: int) -> Any:
        return walk(number + 1)

    return lambda: walk(0)


def of_block(guard: Any) -> Callable[[], Any]:
    def walk(number: int) -> Any:
        with guard:
            return walk(number + 1)

    return lambda: walk(0)


def of_method(guard: Any) -> Callable[[], Any]:
    class Node:
        @guard
        def visit(self, nodes: list[Any]) -> None:
            for each in nodes:
                self.visit(each)

    nodes: list[Any] = []
    nodes.append(nodes)
    return lambda: Node().visit(nodes)


def of_coroutine(guard: Any) -> Callable[[], Any]:
    @guard
    async def walk(number: int) -> Any:
        return await walk(number + 1)

    return lambda: asyncio.run(walk(0))


def of_generator(guard: Any) -> Callable[[], Any]:
    @guard
    def walk(number: int) -> Iterator[int]:
        yield number
        yield from walk(number + 1)

    return lambda: list(walk(0))


def of_async_generator(guard: Any) -> Callable[[], Any]:
    @guard
    async def walk(number: int) -> AsyncIterator[int]:
        yield number
        async for each in walk(number + 1):
            yield each

    async def main() -> list[int]:
        return [each async for each in walk(0)]

    return lambda: asyncio.run(main())


KINDS = [of_function, of_block, of_method, of_coroutine, of_generator, of_async_generator]


@pytest.mark.parametrize("arguments", GUARDS.values(), ids=GUARDS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_endless_recursion_through_a_guard_is_one_report(kind: Any, arguments: dict[str, Any]) -> None:
    """The guards let the host's RecursionError pass until there is stack for the one report."""
    with pytest.raises(RecursionError) as raised:
        kind(crashguard.guard(**arguments))()

    assert raised.value.__context__ is None
    assert raised.value.__cause__ is None
    [(state, event)] = events()
    assert "recording" != state
    [value] = event["exception"]["values"]
    assert "RecursionError" == value["type"]
    if kind is not of_async_generator:  # there 3.12 runs out of calls in C first, with stack left for Python
        assert len(value["stacktrace"]["frames"]) > 40
    assert 1 == event["contexts"]["crashguard"]["occurrences"]
    assert crashguard.capture.guard.innermost_plugin() is None


def test_the_traceback_of_an_endless_recursion_is_as_without_a_guard() -> None:
    """No entry is crashguard's, also not of the calls for which no stack was left."""
    with pytest.raises(RecursionError) as raised:
        of_function(crashguard.guard("walk"))()

    assert {__file__} == {str(entry.path) for entry in raised.traceback}


@pytest.mark.parametrize("kind", [of_function, of_block, of_method, of_coroutine, of_generator])
def test_what_each_guard_swallows_is_one_report_all_the_same(kind: Any) -> None:
    """The innermost guard that can record the exception swallows it, in a thread with a stack of its own."""
    kind(crashguard.guard("walk", reraise=False))()

    [(_, event)] = events()
    assert "RecursionError" == event["exception"]["values"][-1]["type"]
    assert 1 == event["contexts"]["crashguard"]["occurrences"]


@pytest.mark.parametrize("reraise", [False, True])
def test_another_exception_where_little_stack_is_left_is_recorded(reraise: bool) -> None:
    """What is no endless recursion is recorded where it leaves the guard, and swallowed as was asked for."""

    @crashguard.guard("deep", plugin=PLUGIN, reraise=reraise)
    def fails() -> None:
        raise KeyError("deep")

    def descend(levels: int) -> None:
        if levels:
            descend(levels - 1)
        else:
            fails()

    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back  # type: ignore[assignment]
    levels = sys.getrecursionlimit() - depth - 60
    if reraise:
        with pytest.raises(KeyError) as raised:
            descend(levels)
        assert raised.value.__context__ is None
    else:
        descend(levels)

    [(state, event)] = events()
    assert "recording" != state
    assert "KeyError" == event["exception"]["values"][-1]["type"]
