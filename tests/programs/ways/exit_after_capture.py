"""os._exit() right after capture_exception()."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os

try:
    1 / 0
except ZeroDivisionError as exc:
    crashguard.capture_exception(exc)
os._exit(5)
