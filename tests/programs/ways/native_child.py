"""A multiprocessing.Process dies of SIGSEGV; the program ends well."""

import crashguard
import multiprocessing
import signal
import sys


def dies():
    signal.raise_signal(signal.SIGSEGV)


if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False, native=True)
    child = multiprocessing.get_context(sys.argv[1]).Process(target=dies)
    child.start()
    child.join()
    print(child.exitcode)
