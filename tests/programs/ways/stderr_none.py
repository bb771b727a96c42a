"""sys.stderr is None."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys

sys.stderr = None
1 / 0
