"""A function that atexit calls after everything of ours raises."""

import atexit


def last():
    raise ValueError("atexit")


atexit.register(last)
import crashguard

crashguard.install(app="demo", version="1.0", note=False)
