"""A worker of a ProcessPoolExecutor raises, and the program asks for the result."""

import crashguard

from concurrent.futures import ProcessPoolExecutor


def work(number):
    return 1 // number


if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False)
    with ProcessPoolExecutor(1) as pool:
        list(pool.map(work, [1, 0]))
