"""asyncio was imported before we were."""

import asyncio

import crashguard

crashguard.install(app="demo", version="1.0", note=False)


async def main():
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(0.01)


asyncio.run(main())
