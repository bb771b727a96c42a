"""A hook of the program's own, set later, that does not pass on."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys


def mine(kind, exc, tb):
    print("mine:", exc, file=sys.stderr)


sys.excepthook = mine
1 / 0
