"""An exception ends a thread of a sub-interpreter in which crashguard is not installed."""

from concurrent import interpreters

import crashguard

crashguard.install(app="demo", version="1.0", note=False)


def load() -> None:
    raise ValueError("no such table")


if __name__ == "__main__":
    interpreters.create().call_in_thread(load).join()
    print("on")
