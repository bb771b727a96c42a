"""sys.modules was emptied."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys

sys.modules.clear()
1 / 0
