"""Two tasks of a TaskGroup raise."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import asyncio


async def fail(error):
    raise error


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(fail(ValueError("one")))
        group.create_task(fail(KeyError("two")))


asyncio.run(main())
