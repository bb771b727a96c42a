"""A Process with a run() of its own raises."""

import multiprocessing
import sys

import crashguard


class Worker(multiprocessing.get_context(sys.argv[1]).Process):
    def run(self):
        raise ValueError("run")


if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False)
    process = Worker()
    process.start()
    process.join()
    print(process.exitcode)
