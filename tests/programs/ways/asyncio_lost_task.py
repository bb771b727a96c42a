"""A task raises and nobody asks for its result."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import asyncio
import gc


async def lost():
    raise ValueError("lost")


async def main():
    task = asyncio.create_task(lost(), name="T")
    await asyncio.sleep(0.01)
    del task
    gc.collect()
    print("on")


asyncio.run(main())
