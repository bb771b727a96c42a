"""A function that atexit calls raises."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import atexit


def last():
    raise ValueError("atexit")


atexit.register(last)
