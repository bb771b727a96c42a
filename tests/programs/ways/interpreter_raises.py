"""An exception leaves a sub-interpreter: in one of three ways, past a guard, or where only the inside is installed."""

import sys

import crashguard

way = sys.argv[1]


def install() -> None:
    import crashguard

    crashguard.install(app="demo", version="1.0", note=False)


def load() -> None:
    raise ValueError("no such table")


@crashguard.guard("work")
def guarded() -> None:
    load()


if way != "inside":
    crashguard.install(app="demo", version="1.0", note=False)

if __name__ == "__main__":
    from concurrent import interpreters
    from concurrent.futures import InterpreterPoolExecutor

    if way == "pool":
        with InterpreterPoolExecutor(1) as pool:
            pool.submit(load).result()
    inner = interpreters.create()
    if way == "inside":
        inner.call(install)
    if way == "exec":
        inner.exec("raise ValueError('no such table')")
    inner.call(guarded if way == "guarded" else load)
