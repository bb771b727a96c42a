"""The unraisable hook that was there before raises."""

import sys


def broken(args):
    raise LookupError("hook")


sys.unraisablehook = broken
import crashguard

crashguard.install(app="demo", version="1.0", note=False)


class Broken:
    def __del__(self):
        raise ValueError("del")


Broken()
