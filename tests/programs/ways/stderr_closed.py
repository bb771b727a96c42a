"""Descriptor 2 is closed."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os

os.close(2)
1 / 0
