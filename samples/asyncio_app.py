"""asyncio: a guard round coroutines and async generators, and one report for a crash that passes several.

    python samples/asyncio_app.py              # reads three weather stations at once; one sends no wind

`readings` is guarded as the plugin's code, `report` as the program's. The crash passes both guards, then a
TaskGroup wraps it in an ExceptionGroup, then it reaches `sys.excepthook`: it is recorded once, where it
happened, and belongs to the innermost plugin. Tasks that the group cancels are no crashes.
"""

import asyncio
import json
from collections.abc import AsyncIterator

import crashguard

crashguard.install(app="weather", version="3.1.0")

STATIONS = crashguard.Plugin("weather", "source", "stations", "1.0.0", official=True)

SENT = {
    "Skagen": ['{"t": 11.5, "wind": [7.1, 240]}', '{"t": 11.9, "wind": [6.4, 251]}'],
    "Zugspitze": ['{"t": -4.0, "wind": [15.2, 300]}', '{"t": -4.2, "wind": []}'],
    "Faro": ['{"t": 24.1, "wind": [3.3, 180]}', '{"t": 24.4, "wind": [3.0, 175]}'],
}


@crashguard.guard(plugin=STATIONS)
async def readings(station: str) -> AsyncIterator[tuple[float, float]]:
    """Temperature and wind speed, as a station sends them."""
    for line in SENT[station]:
        await asyncio.sleep(0)  # here a real one waits for the network
        message = json.loads(line)
        yield message["t"], message["wind"][0]


@crashguard.guard("report")
async def report(station: str) -> None:
    """Print what a station sends."""
    async for temperature, wind in readings(station):
        print(f"{station:<10} {temperature:>6.1f} C {wind:>6.1f} m/s", flush=True)


async def main() -> None:
    """All stations at once."""
    async with asyncio.TaskGroup() as group:
        for station in SENT:
            group.create_task(report(station))


if __name__ == "__main__":
    asyncio.run(main())
