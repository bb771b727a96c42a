"""A multiprocessing.Process raises."""

import multiprocessing
import sys

import crashguard


def work(number):
    return 1 // number


if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False)
    process = multiprocessing.get_context(sys.argv[1]).Process(target=work, args=(0,))
    process.start()
    process.join()
    print(process.exitcode)
