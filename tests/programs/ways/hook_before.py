"""A hook of the program's own, set before ours, that does not pass on."""

import sys


def mine(kind, exc, tb):
    print("mine:", exc, file=sys.stderr)


sys.excepthook = mine

import crashguard

crashguard.install(app="demo", version="1.0", note=False)
1 / 0
