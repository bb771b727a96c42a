"""sys.exit() with a message."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys

sys.exit("message")
