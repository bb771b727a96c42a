"""A recursion that does not end."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)


def f(n):
    return f(n + 1)


f(0)
