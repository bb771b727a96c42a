"""A hook of the program's own, set later, that passes on."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys

below = sys.excepthook
sys.excepthook = lambda *args: below(*args)
1 / 0
