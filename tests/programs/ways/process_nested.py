"""A Process of a Process raises."""

import multiprocessing
import sys

import crashguard


def outer(method):
    process = multiprocessing.get_context(method).Process(target=inner, args=(0,), name="inner")
    process.start()
    process.join()
    print(process.exitcode, flush=True)


def inner(number):
    return 1 // number


if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False)
    process = multiprocessing.get_context(sys.argv[1]).Process(target=outer, args=(sys.argv[1],))
    process.start()
    process.join()
    print(process.exitcode)
