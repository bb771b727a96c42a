"""A trace function raises: what it raises comes out of the traced function."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys


def trace(frame, event, argument):
    raise ValueError("trace")


def f():
    pass


sys.settrace(trace)
f()
