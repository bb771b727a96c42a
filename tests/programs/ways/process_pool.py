"""A worker of a ProcessPoolExecutor raises, and the program asks for the result."""

import crashguard

from concurrent.futures import ProcessPoolExecutor, wait


def work(number):
    return 1 // number


if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False)
    with ProcessPoolExecutor(1) as pool:
        futures = [pool.submit(work, number) for number in (1, 0)]
        wait(futures)  # so that the traceback does not depend on who was faster
        print([future.result() for future in futures])
