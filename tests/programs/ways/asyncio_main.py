"""An exception leaves asyncio.run()."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import asyncio


async def main():
    await asyncio.sleep(0)
    raise ValueError("main")


asyncio.run(main())
