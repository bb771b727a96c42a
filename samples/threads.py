"""Threads: a worker that crashes is reported, and the program goes on.

    python samples/threads.py                  # measures some parcels, two of which are written down wrong

A worker takes parcels from a queue. When one of them kills it, the main thread starts the next worker. Both
workers die of the same bug: that is one report, which counts two crashes, and one note on stderr. The exit
status is 0, as it would be without crashguard. The report stays on this machine: no destination is named.
"""

import queue
import threading

import crashguard

crashguard.install(app="parcels", version="0.2.0")

PARCELS = ["30x20x10", "55x40x40", "60x", "25x25x25", "120x60x5", "18X12X4", "40x30x20", "33x33x12"]


def volume(parcel: str) -> float:
    """The volume in litres of a parcel that is written as length x width x height in centimetres."""
    length, width, height = map(int, parcel.split("x"))
    return length * width * height / 1000


def work(parcels: "queue.SimpleQueue[str]", volumes: dict[str, float]) -> None:
    """Measure one parcel after the other, until there is none."""
    while not parcels.empty():
        parcel = parcels.get()
        volumes[parcel] = volume(parcel)


def main() -> None:
    """Measure all parcels, with a new worker for each that died."""
    parcels: queue.SimpleQueue[str] = queue.SimpleQueue()
    for parcel in PARCELS:
        parcels.put(parcel)
    volumes: dict[str, float] = {}
    workers = 0
    while not parcels.empty():
        workers += 1
        worker = threading.Thread(target=work, args=(parcels, volumes), name=f"worker-{workers}")
        worker.start()
        worker.join()
    print(f"{len(volumes)} of {len(PARCELS)} parcels, {sum(volumes.values()):.1f} litres, {workers} workers")


if __name__ == "__main__":
    main()
