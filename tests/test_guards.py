"""guard(): every kind of function, nesting, attribution, once."""

import asyncio
import contextlib
import functools
import gc
import inspect
import json
import os
import sys
import threading
import types
import weakref
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import crashguard
from crashguard import ConfigurationError, Plugin, capture, paths, registry, reporter
from crashguard.client import current_client
from crashguard.report import envelope
from tests.conftest import ROOT, Finished, Run, differs_on_pypy

OTHER_PYTHONS = [
    str(path) for version in ("3.12", "3.13") if (path := ROOT / f".venv-{version}/bin/python").exists()
]
OFFICIAL = Plugin("cloudquery", "source", "aws", "1.2.3")
OTHER = Plugin("acme", "destination", "files", "0.1.0")


@pytest.fixture(autouse=True)
def _installed() -> None:
    capture.install(app="demo", version="1.0", dsn="http://k@127.0.0.1:9/1", delivery="deferred", note=False)


def events() -> list[tuple[str, dict[str, Any]]]:
    """(state, event) of everything in the spool."""
    spool = Path(paths.spool_dir("demo"))
    return [(p.parent.name, envelope.unseal(p.read_bytes())[1]) for p in sorted(spool.glob("*/*.envelope"))]


def only_event() -> tuple[str, dict[str, Any]]:
    [found] = events()
    return found


@crashguard.guard("unit")
def divide(number: int, *, by: int = 0) -> float:
    """Divide."""
    return number / by


def test_a_guarded_function_is_the_same_function() -> None:
    """Name, docstring, signature, module and result are those of the function."""
    assert ("divide", "Divide.", __name__) == (divide.__name__, divide.__doc__, divide.__module__)
    assert "(number: int, *, by: int = 0) -> float" == str(inspect.signature(divide))
    assert 2.0 == divide(4, by=2)
    assert [] == events()


@pytest.mark.parametrize("name", ["Later", "OnlyForTypeCheckers"])
def test_a_guard_evaluates_no_annotation(name: str) -> None:
    """An annotation may name what does not exist yet, or never does while the program runs (PEP 649, 3.14)."""
    source = f"@guard()\ndef make(number: int) -> {name}: return number\nclass Later: ...\n"
    if sys.version_info < (3, 14):
        source = (
            "from __future__ import annotations\n" + source
        )  # without it no function has such an annotation
    names: dict[str, Any] = {"guard": crashguard.guard}
    exec(compile(source, "program.py", "exec"), names)

    assert 7 == names["make"](7)
    if name == "Later":
        annotation = names["make"].__annotations__["return"]
        assert annotation in (names["Later"], "Later")


def test_what_passes_a_guard_is_recorded_and_goes_on() -> None:
    """Re-raised as it was, recorded once, with the guard's name."""
    with pytest.raises(ZeroDivisionError) as raised:
        divide(1)

    state, event = only_event()
    assert ("waiting", "unit", "guard") == (
        state,
        event["tags"]["guard"],
        event["exception"]["values"][-1]["mechanism"]["type"],
    )
    assert "capture/guard.py" not in str(event)
    assert raised.value.__cause__ is None


def test_a_guard_may_swallow() -> None:
    """reraise=False: the block ends, a function returns None, the report says it was handled."""
    with crashguard.guard("block", reraise=False):
        raise ValueError("x")
    assert crashguard.guard(reraise=False)(lambda: 1 / 0)() is None  # type: ignore[func-returns-value]

    assert [True, True] == [e["exception"]["values"][-1]["mechanism"]["handled"] for _, e in events()]


def test_several_guards_record_once() -> None:
    """The same exception through nested guards, a capture and another guard: one report."""
    with pytest.raises(ZeroDivisionError), crashguard.guard("a"), crashguard.guard("b"):
        try:
            divide(1)
        except ZeroDivisionError as error:
            crashguard.capture_exception(error)
            raise

    assert "unit" == only_event()[1]["tags"]["guard"]


def test_an_exception_raised_from_a_recorded_one_is_the_same_crash() -> None:
    """raise ... from: relabelled on its way out, still one crash."""
    with pytest.raises(LookupError), crashguard.guard("outer"):
        try:
            divide(1)
        except ZeroDivisionError as error:
            raise LookupError("relabelled") from error

    assert 1 == len(events())


def test_a_group_of_recorded_exceptions_is_the_same_crashes() -> None:
    """What guards saw in tasks, collected by a TaskGroup, is not recorded again; a new member is."""

    async def both(more: Exception | None) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(crashguard.guard("task")(fail)(KeyError("a")))
            group.create_task(crashguard.guard("task")(fail)(ValueError("b")))
            if more is not None:
                group.create_task(fail(more))

    async def fail(error: Exception) -> None:
        raise error

    for more, expected in ((None, 2), (OSError("c"), 3)):
        with pytest.raises(ExceptionGroup), crashguard.guard("outer"):
            asyncio.run(both(more))
        assert expected == len(events())


def test_a_new_crash_while_handling_a_recorded_one_is_another() -> None:
    """An exception that merely happened during another's handling is a crash of its own."""
    with pytest.raises(KeyError), crashguard.guard("outer"):
        try:
            divide(1)
        except ZeroDivisionError:
            {}["cleanup"]

    assert 2 == len(events())


def test_the_innermost_plugin_gets_it() -> None:
    """A crash inside of a plugin inside of a plugin belongs to the inner one."""
    with (
        pytest.raises(ValueError, match="x"),
        crashguard.guard(plugin=OTHER),
        crashguard.guard(plugin=OFFICIAL),
    ):
        raise ValueError("x")

    state, event = only_event()
    assert ("waiting", "aws") == (state, event["tags"]["plugin.name"])


def test_a_guard_without_plugin_inside_of_a_plugin_belongs_to_it() -> None:
    """with guard("phase") inside of an unofficial plugin: the crash is the plugin's, and is not sent."""
    with pytest.raises(ValueError, match="x"), crashguard.guard(plugin=OTHER), crashguard.guard("phase"):
        raise ValueError("x")

    state, event = only_event()
    assert ("local", "files", "phase") == (state, event["tags"]["plugin.name"], event["tags"]["guard"])


def test_after_a_plugin_it_is_the_tools_own_again() -> None:
    """Leaving a plugin's guard, by whatever way, ends its claim."""
    with pytest.raises(ValueError, match="x"), crashguard.guard(plugin=OTHER):
        raise ValueError("x")
    with pytest.raises(KeyError), crashguard.guard("tool"):
        raise KeyError("y")

    assert ["local", "waiting"] == sorted(state for state, _ in events())


def test_a_crash_in_a_plugins_package_is_its_own_without_a_guard(run: Run, tmp_path: Path) -> None:
    """The hook finds no guard on the way, but knows whose package the innermost frames are of."""
    (tmp_path / "acme_files.py").write_text("def read(): raise ValueError('x')\n")
    program = (
        "import crashguard, acme_files\n"
        "crashguard.install(app='demo', version='1', dsn='http://k@127.0.0.1:9/1', delivery='deferred')\n"
        "plugin = crashguard.Plugin('acme', 'source', 'files', '1', packages=['acme_files'])\n"
        "with crashguard.guard(plugin=plugin): pass\n"
        "acme_files.read()\n"
    )
    done = run(program)

    assert (0, 1) == (len(done.files(folder="waiting")), len(done.files(folder="local")))
    assert "the plugin acme/files is not an official one" in done.stderr


_PLUGIN_OF_ITS_OWN_FOLDER = """
import crashguard
PLUGIN = crashguard.Plugin("acme", "source", "files", "1", official=True)

@crashguard.guard(plugin=PLUGIN)
def read(row):
    return width(row)

def width(row):
    return row["width"]

def height(row):
    with crashguard.guard("height", plugin=PLUGIN):
        return row["height"]

@crashguard.guard(plugin=PLUGIN)
def each(function):
    return function({})
"""


def _run_with_plugin(run: Run, folder: Path, body: str) -> Finished:
    """A program whose official plugin, as README writes it, lies in another folder, as an installed one does."""
    plugins = folder / "plugins"
    plugins.mkdir()
    (plugins / "acme_files.py").write_text(_PLUGIN_OF_ITS_OWN_FOLDER)
    return run(
        "import sys\n"
        f"sys.path.append({str(plugins)!r})\n"
        "import crashguard\n"
        "crashguard.install(app='demo', version='1', dsn='http://k@127.0.0.1:9/1', delivery='deferred')\n"
        "import acme_files\n"
        f"{body}\n"
    )


@pytest.mark.parametrize("function", ["read", "height"])
def test_an_official_plugin_is_named_by_the_package_that_makes_its_guard(
    run: Run, tmp_path: Path, function: str
) -> None:
    """README's lines are enough: its functions are told, in_app, and each bug of it is one of its own."""
    done = _run_with_plugin(run, tmp_path, f"acme_files.{function}({{}})")
    [value] = done.event["exception"]["values"]
    frame = value["stacktrace"]["frames"][-1]
    culprit = {"read": "width"}.get(function, function)

    assert ("acme_files", culprit, True) == (frame["module"], frame["function"], frame["in_app"])
    assert f"acme_files in {culprit}" == done.event["transaction"]
    assert "acme_files:" + culprit in done.event["fingerprint"]
    assert "files" == done.event["tags"]["plugin.name"]


def test_a_function_of_somebody_else_stays_nameless_in_an_official_plugins_guard(
    run: Run, tmp_path: Path
) -> None:
    """What a plugin guards may be the user's."""
    users = tmp_path / "plugins" / "marta_rules.py"
    body = (
        f"open({str(users)!r}, 'w').write('def marta(row): return row[0]')\n"
        "import marta_rules\n"
        "acme_files.crashguard.guard(plugin=acme_files.PLUGIN)(marta_rules.marta)({})"
    )
    done = _run_with_plugin(run, tmp_path, body)

    assert "marta" not in json.dumps(done.event)


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError])
def test_an_end_that_was_asked_for_is_not_recorded(end: type[BaseException]) -> None:
    """Ctrl-C, exit, close and cancel pass through, even where the guard swallows crashes."""
    with pytest.raises(end), crashguard.guard(reraise=False):
        raise end

    assert [] == events()


@crashguard.guard("gen", plugin=OTHER)
def numbers(fail_at: int) -> Iterator[int]:
    received = 0
    for number in range(5):
        if number == fail_at:
            raise ValueError("in generator")
        try:
            received = yield number + (received or 0)
        except KeyError:
            received = 100


def test_a_generator_keeps_its_protocol() -> None:
    """next, send, throw, close and the return value pass through the guard."""
    assert inspect.isgeneratorfunction(numbers)
    generator: Any = numbers(9)
    assert [0, 11, 102] == [next(generator), generator.send(10), generator.throw(KeyError())]
    generator.close()

    @crashguard.guard()
    def returning() -> Iterator[int]:
        yield 1
        return 7

    def delegate() -> Iterator[int]:
        result = yield from returning()
        yield result or 0

    assert [1, 7] == list(delegate())
    assert [] == events()


def test_a_crash_in_a_generator_is_recorded_where_it_is_consumed() -> None:
    """The body runs long after the call; its crash belongs to the plugin all the same."""
    with pytest.raises(ValueError, match="in generator"):
        list(numbers(2))

    assert "files" == only_event()[1]["tags"]["plugin.name"]


def test_between_two_items_it_is_the_callers_turn() -> None:
    """A crash of the consumer is not the plugin's whose generator it reads."""
    with pytest.raises(KeyError), crashguard.guard("consumer"):
        for _ in numbers(9):
            raise KeyError("consumer")

    state, event = only_event()
    assert ("waiting", "cli") == (state, event["tags"]["component"])


def test_closing_a_generator_is_its_own_turn() -> None:
    """What it does when it is closed is the plugin's: answer, result and crash are its own."""

    @crashguard.guard(plugin=OTHER)
    def stubborn() -> Iterator[int]:
        try:
            yield 1
        except GeneratorExit:
            yield 5

    @crashguard.guard(plugin=OTHER)
    def careless() -> Iterator[int]:
        try:
            yield 1
        finally:
            raise ValueError("in cleanup")

    generator: Any = stubborn()
    assert [1, 5] == [next(generator), generator.throw(GeneratorExit())]
    generator = careless()
    next(generator)
    with pytest.raises(ValueError, match="in cleanup"), crashguard.guard("tool"):
        generator.close()

    state, event = only_event()
    assert ("local", "files") == (state, event["tags"]["plugin.name"])


def test_closing_an_async_generator_is_its_own_turn() -> None:
    """As with a generator: a crash in its cleanup is not the tool's."""

    @crashguard.guard(plugin=OTHER)
    async def careless() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            raise ValueError("in cleanup")

    async def use() -> None:
        generator: Any = careless()
        await generator.__anext__()
        with pytest.raises(ValueError, match="in cleanup"), crashguard.guard("tool"):
            await generator.aclose()

    asyncio.run(use())

    assert "files" == only_event()[1]["tags"]["plugin.name"]


@differs_on_pypy("nothing is let go at once without reference counts")
def test_a_generator_lets_go_of_what_was_thrown_into_it() -> None:
    """Its locals live no longer with a guard than without: files in them are closed at once."""

    class Resource:
        pass

    kept: list[weakref.ref[Resource]] = []

    @crashguard.guard()
    def holding() -> Iterator[int]:
        resource = Resource()
        kept.append(weakref.ref(resource))
        yield 1

    def use() -> None:
        generator: Any = holding()
        next(generator)
        with contextlib.suppress(KeyboardInterrupt):  # not recorded, so nothing else looks at its frames
            generator.throw(KeyboardInterrupt())

    gc.disable()
    try:
        use()
        assert kept[0]() is None
    finally:
        gc.enable()


def test_ctrl_c_during_a_report_ends_the_plugins_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard is left all the same: the next crash is the tool's own, and is sent."""

    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reporter, "report", pressed)
        with pytest.raises(KeyboardInterrupt), crashguard.guard(plugin=OTHER):
            raise ValueError("x")
    with pytest.raises(KeyError), crashguard.guard("tool"):
        raise KeyError("y")

    state, event = only_event()
    assert ("waiting", "cli") == (state, event["tags"]["component"])


@crashguard.guard("coro", plugin=OTHER)
async def fetch(fail: bool) -> int:
    await asyncio.sleep(0)
    if fail:
        raise ValueError("in coroutine")
    return 7


@crashguard.guard("agen", plugin=OTHER)
async def stream(fail_at: int) -> AsyncIterator[int]:
    for number in range(3):
        if number == fail_at:
            raise ValueError("in async generator")
        try:
            yield number
        except KeyError:
            yield 100


def test_a_coroutine_is_guarded() -> None:
    """Result and crash of an async function."""
    assert inspect.iscoroutinefunction(fetch)
    assert 7 == asyncio.run(fetch(False))
    with pytest.raises(ValueError, match="in coroutine"):
        asyncio.run(fetch(True))

    assert "coro" == only_event()[1]["tags"]["guard"]


def test_an_async_generator_is_guarded_and_keeps_its_protocol() -> None:
    """async for, athrow, aclose, and its crash."""
    assert inspect.isasyncgenfunction(stream)

    async def use() -> list[int]:
        found = [number async for number in stream(9)]
        throwing: Any = stream(9)
        found += [await throwing.__anext__(), await throwing.athrow(KeyError())]
        await throwing.aclose()
        return found

    assert [0, 1, 2, 0, 100] == asyncio.run(use())
    assert [] == events()

    async def fail() -> None:
        async for _ in stream(1):
            pass

    with pytest.raises(ValueError, match="in async generator"):
        asyncio.run(fail())
    assert "agen" == only_event()[1]["tags"]["guard"]


def test_tasks_know_their_own_plugin() -> None:
    """Two tasks interleave, each inside of another plugin: each crash goes to its own."""

    async def work(plugin: Plugin, error: type[Exception]) -> None:
        with crashguard.guard(plugin=plugin):
            await asyncio.sleep(0)
            with crashguard.guard("phase"):
                await asyncio.sleep(0)
                raise error(plugin.name)

    async def both() -> None:
        await asyncio.gather(work(OTHER, KeyError), work(OFFICIAL, ValueError), return_exceptions=True)

    asyncio.run(both())
    assert {("local", "files", "KeyError"), ("waiting", "aws", "ValueError")} == {
        (state, event["tags"]["plugin.name"], event["exception"]["values"][-1]["type"])
        for state, event in events()
    }


def test_one_guard_may_be_entered_from_many_threads() -> None:
    """A shared guard keeps nothing between its entries."""
    shared = crashguard.guard(plugin=OTHER)

    def work() -> None:
        for _ in range(200):
            with shared, shared:
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with pytest.raises(KeyError), crashguard.guard("after"):
        raise KeyError

    assert "cli" == only_event()[1]["tags"]["component"]


def test_a_method_a_partial_and_a_callable_object_can_be_guarded() -> None:
    """Whatever is called like a function."""

    class Thing:
        @crashguard.guard("method")
        def _method(self, by: int) -> float:
            return 1 / by

        def __call__(self, by: int) -> float:
            return 1 / by

    assert 0.5 == Thing()._method(2)
    assert 0.5 == crashguard.guard()(functools.partial(Thing(), 2))()
    assert asyncio.run(crashguard.guard()(functools.partial(fetch, False))()) == 7
    with pytest.raises(ZeroDivisionError):
        crashguard.guard()(Thing())(0)

    assert 1 == len(events())


def test_what_can_be_awaited_stays_so_and_is_guarded() -> None:
    """A generator that types.coroutine made awaitable, and an object whose class is called with await."""

    class Thing:
        async def __call__(self) -> None:
            raise ValueError("in object")

    @crashguard.guard()
    @types.coroutine
    def old() -> Iterator[Any]:
        yield
        return 3

    async def use() -> object:
        return await old()

    assert 3 == asyncio.run(use())
    with pytest.raises(ValueError, match="in object"):
        asyncio.run(crashguard.guard("object")(Thing())())

    assert "object" == only_event()[1]["tags"]["guard"]


@pytest.mark.parametrize("python", [sys.executable, *OTHER_PYTHONS])
@differs_on_pypy("the guard's frame stands in tracebacks")
def test_a_decorator_does_not_show_in_tracebacks(run: Run, python: str) -> None:
    """Function, method, generator, coroutine, async generator: the traceback is that of the program without."""
    program = (
        "import asyncio, crashguard\n"
        "crashguard.install(app='demo', version='1.0', note=False)\n"
        "guard = crashguard.guard\n"
        "plugin = crashguard.Plugin('acme', 'source', 'x', '1')\n"
        "def deep(n): return 1 / n\n"
        "@guard()\ndef plain(n): return deep(n)\n"
        "@guard(plugin=plugin)\ndef owned(n): return deep(n)\n"
        "@guard()\ndef gen(n):\n    yield 1\n    yield deep(n)\n"
        "@guard()\nasync def coro(n): return deep(n)\n"
        "@guard()\nasync def agen(n):\n    yield deep(n)\n"
        "async def use():\n    async for _ in agen(0): pass\n"
        "import sys, traceback\n"
        "for run in (plain, owned, lambda n: list(gen(n)), lambda n: asyncio.run(coro(n)), lambda n: asyncio.run(use())):\n"
        "    try: run(0)\n"
        "    except ZeroDivisionError: traceback.print_exc()\n"
        "plain(0)\n"
    )
    bare = program.replace("import asyncio, crashguard\n", "import asyncio\n")
    bare = bare.replace("crashguard.install(app='demo', version='1.0', note=False)\n", "pass\n")
    bare = bare.replace("guard = crashguard.guard\n", "guard = lambda **_: lambda f: f\n")
    bare = bare.replace("plugin = crashguard.Plugin('acme', 'source', 'x', '1')\n", "plugin = None\n")

    assert run(bare, python=python).stderr == run(program, python=python).stderr


def test_guard_without_parentheses_is_told() -> None:
    """@guard would silently guard nothing; the error says what to write."""
    with pytest.raises(ConfigurationError, match=r"@guard\(\)"):
        crashguard.guard(lambda: None)  # type: ignore[arg-type]


def test_without_install_a_guard_does_nothing() -> None:
    """A library that guards its entry points costs its users nothing."""
    capture.uninstall()
    with pytest.raises(ZeroDivisionError):
        divide(1)

    assert [] == events()


def test_the_same_bug_again_is_counted() -> None:
    """A storm of one crash is one report, whose figure is there at the end."""
    for _ in range(250):
        with crashguard.guard(reraise=False):
            divide(1)
    client = current_client()
    client.registry.write_counts(client.config)  # as at the end of a process

    assert 250 == only_event()[1]["contexts"]["crashguard"]["occurrences"]


@pytest.mark.slow
def test_a_storm_of_different_crashes_is_bounded() -> None:
    """The process reports so many kinds and counts the others."""
    for number in range(registry.MOST_GROUPS + 30):
        with crashguard.guard(reraise=False):
            code = f"def f{number}():\n    raise ValueError\nf{number}()"
            exec(compile(code, __file__, "exec"), globals(), {})

    assert registry.MOST_GROUPS == len(events())


def test_a_capture_names_its_report() -> None:
    """capture_exception() returns the event id, or None where there is nothing to record."""
    assert crashguard.capture_exception() is None
    try:
        {}["x"]
    except KeyError:
        event_id = crashguard.capture_exception()

    _, event = only_event()
    assert (event_id, "error", "capture") == (
        event["event_id"],
        event["level"],
        event["exception"]["values"][-1]["mechanism"]["type"],
    )


@pytest.mark.parametrize("wrong", ["text", ValueError, (ValueError, ValueError("x"), None), 5])
def test_a_capture_of_what_is_no_exception_records_nothing(wrong: Any) -> None:
    """The handler that calls it so goes on: an error here would hide the one that it handles."""
    assert crashguard.capture_exception(wrong) is None
    assert [] == events()


def test_a_forked_child_reports_for_itself() -> None:
    """A crash that the parent has reported is reported by the child as well."""
    with pytest.raises(ZeroDivisionError):
        divide(1)
    pid = os.fork()
    if pid == 0:
        try:
            divide(1)
        except ZeroDivisionError:
            os._exit(0)
    os.waitpid(pid, 0)

    assert 2 == len(events())


def test_two_crashes_of_a_thread_pool_are_two_threads_one_report() -> None:
    """The same bug in eight threads at once: one report, eight occurrences, nothing locked."""
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        with crashguard.guard(reraise=False):
            divide(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client = current_client()
    client.registry.write_counts(client.config)  # as at the end of a process

    assert 8 == sum(event["contexts"]["crashguard"]["occurrences"] for _, event in events())
