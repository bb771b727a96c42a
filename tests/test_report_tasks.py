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
