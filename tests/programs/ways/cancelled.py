"""asyncio.CancelledError at the top."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import asyncio


async def main():
    asyncio.current_task().cancel()
    await asyncio.sleep(1)


asyncio.run(main())
