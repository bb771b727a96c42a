"""The hook that was there before ends the process with os._exit()."""

import os
import sys

sys.excepthook = lambda *args: os._exit(7)
import crashguard

crashguard.install(app="demo", version="1.0", note=False)

1 / 0
