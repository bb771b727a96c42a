"""An exception that nothing caught, in the main thread."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)


def f():
    return 1 / 0


f()
