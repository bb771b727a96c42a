"""A worker of multiprocessing.Pool raises, and the program asks for the result."""

import multiprocessing
import sys

import crashguard


def work(number):
    return 1 // number


if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False)
    with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
        pool.map(work, [1, 0])
