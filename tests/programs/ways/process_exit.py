"""A Process ends with sys.exit(3)."""

import multiprocessing
import sys

import crashguard


if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False)
    process = multiprocessing.get_context(sys.argv[1]).Process(target=sys.exit, args=(3,))
    process.start()
    process.join()
    print(process.exitcode)
