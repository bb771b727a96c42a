"""The hook that was there before raises."""

import sys


def broken(*args):
    raise LookupError("hook")


sys.excepthook = broken
import crashguard

crashguard.install(app="demo", version="1.0", note=False)

1 / 0
