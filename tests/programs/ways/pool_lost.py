"""`Pool.apply_async()` whose result nobody asks for, with a guard on the function."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import multiprocessing
import sys


@crashguard.guard()
def work(number):
    return 1 // number


if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
        pool.apply_async(work, (0,)).wait()
