"""A signal handler in Python raises."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os
import signal


def handler(number, frame):
    raise ValueError("handler")


signal.signal(signal.SIGUSR1, handler)
os.kill(os.getpid(), signal.SIGUSR1)
