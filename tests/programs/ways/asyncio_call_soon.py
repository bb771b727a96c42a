"""A callback of the loop raises."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import asyncio


def callback():
    raise ValueError("soon")


async def main():
    asyncio.get_running_loop().call_soon(callback)
    await asyncio.sleep(0.01)
    print("on")


asyncio.run(main())
