"""A task raises, nobody asks for its result, and the program has switched asyncio's log off."""

import sys

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import asyncio
import gc
import logging.config


async def lost():
    raise ValueError("lost")


async def main():
    task = asyncio.create_task(lost(), name="T")
    await asyncio.sleep(0.01)
    del task
    gc.collect()
    print("on")


if sys.argv[1] == "disable":
    logging.disable()
else:
    logging.config.dictConfig({"version": 1})
asyncio.run(main())
