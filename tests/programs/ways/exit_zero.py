"""`sys.exit()` without a status, and an error on the way to it that was dealt with."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys

try:
    1 / 0
except ZeroDivisionError:
    sys.exit()
