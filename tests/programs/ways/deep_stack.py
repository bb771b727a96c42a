"""50,000 frames."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys

sys.setrecursionlimit(60_000)


def f(depth):
    if depth:
        return f(depth - 1)
    raise ValueError("deep")


f(50_000)
