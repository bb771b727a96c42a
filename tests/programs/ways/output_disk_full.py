"""The disk where stdout goes is full, which the last flush finds out."""

import os

import crashguard

crashguard.install(app="demo", version="1.0", note=False)
os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
print("the last line")
