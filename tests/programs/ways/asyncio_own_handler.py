"""The program has a handler of its own for what is lost in its loop."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import asyncio


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: print("mine", context["exception"]))
    loop.call_soon(lambda: 1 / 0)
    await asyncio.sleep(0.01)


asyncio.run(main())
