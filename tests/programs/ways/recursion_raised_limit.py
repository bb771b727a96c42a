"""A recursion that does not end, where the program allowed itself 50,000 frames."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys

sys.setrecursionlimit(50_000)


def f():
    f()


f()
