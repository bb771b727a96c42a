"""Who waits for a failing task of asyncio."""

import sys

import pytest

from tests.conftest import Run

PROGRAM = """
import asyncio
import crashguard

crashguard.install(app="demo", version="1.0", note=False)
foreign = {"__name__": "of_the_user", "asyncio": asyncio}
exec(compile("async def secret_wait(task): await task", "/home/ada/mine.py", "exec"), foreign)


async def fail():
    await asyncio.sleep(0)
    with crashguard.guard(reraise=False):
        raise ValueError("lost")


async def gather():
    async with asyncio.TaskGroup() as group:
        group.create_task(foreign["secret_wait"](asyncio.create_task(fail())))


async def main():
    await gather()


asyncio.run(main())
"""


def test_the_coroutines_that_wait_for_a_failing_task_are_named(run: Run) -> None:
    """The tool's own, the nearest first, and nobody else's; before Python 3.14 there is no such field."""
    event = run(PROGRAM).event
    told = event["contexts"].get("asyncio")

    assert told == (
        {"awaited_by": ["__main__:gather", "__main__:main"]} if sys.version_info >= (3, 14) else None
    )
    assert "secret_wait" not in str(event)


GUARDED = """
import asyncio, sys
import crashguard

crashguard.install(app="demo", version="1.0", note=False)
guard = crashguard.guard("work")


@guard
async def at_once(): raise ValueError("lost")

@guard
async def later():
    await asyncio.sleep(0)
    raise ValueError("lost")

async def below(): await later()

@crashguard.guard(reraise=False)
async def swallowed(): raise ValueError("lost")

@guard
async def generator():
    yield 1
    raise ValueError("lost")

async def generated():
    async for _ in generator(): pass

@guard
def function(): raise ValueError("lost")

async def called():
    await asyncio.sleep(0)
    function()

async def block():
    with guard: raise ValueError("lost")

async def captured():
    try: {}["x"]
    except KeyError as exc: crashguard.capture_exception(exc)

async def of_another():
    async def other(): raise ValueError("lost")
    [error] = await asyncio.gather(asyncio.create_task(other()), return_exceptions=True)
    crashguard.capture_exception(error)

async def in_thread(): await asyncio.to_thread(function)

async def callback():
    asyncio.get_running_loop().call_soon(function)
    await asyncio.sleep(0)

async def main(): await asyncio.create_task(globals()[sys.argv[1]]())

if sys.argv[2] == "main":
    asyncio.run(main())
else:
    import threading
    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    thread.join()
"""
FAILING = ["at_once", "later", "below", "swallowed", "generated", "called", "block", "captured"]


@pytest.mark.since(3, 14)
@pytest.mark.parametrize("thread", ["main", "other"])
@pytest.mark.parametrize("how", [*FAILING, "of_another", "in_thread", "callback"])
def test_they_are_named_wherever_the_failure_of_the_task_is_seen(run: Run, how: str, thread: str) -> None:
    """By a guard of any form, and by capture_exception(); not where something else than this task has failed."""
    awaited_by = run(GUARDED, how, thread).event["contexts"].get("asyncio", {}).get("awaited_by")

    assert awaited_by == (["__main__:main"] if how in FAILING else None)


@pytest.mark.parametrize("ends", ["1 / 0", "asyncio.run(asyncio.sleep(0))\n1 / 0"])
def test_a_crash_outside_of_tasks_has_no_such_field(run: Run, ends: str) -> None:
    """asyncio that is only there, or that has ended, says nothing."""
    program = "import asyncio, crashguard\ncrashguard.install(app='demo', version='1', note=False)\n"

    assert "asyncio" not in run(program + ends + "\n").event["contexts"]


THREADED = """
import asyncio
import crashguard

crashguard.install(app="demo", version="1.0", note=False)


async def work():
    import threading

    def fail():
        with crashguard.guard(reraise=False):
            raise ValueError("lost")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(work())


asyncio.run(main())
"""


def test_a_thread_has_no_waiting_coroutines(run: Run) -> None:
    """What crashes in another thread is not the failure of the task that the main thread is at."""
    assert "asyncio" not in run(THREADED).event["contexts"]
