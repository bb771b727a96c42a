"""os._exit() without anything."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os

os._exit(5)
