"""A worker of a ProcessPoolExecutor is killed."""

import crashguard
import os
import signal
from concurrent.futures import ProcessPoolExecutor, wait


def work(_):
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False)
    pool = ProcessPoolExecutor(1)
    future = pool.submit(work, 1)
    wait([future])  # so that the traceback does not depend on who was faster
    future.result()
