"""Our own code is broken: a module of ours cannot be imported."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys

sys.modules["crashguard.reporter"] = None
1 / 0
