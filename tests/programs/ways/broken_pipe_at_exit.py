"""A reader of our output went away, and the rest is flushed at the end."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os

reading, writing = os.pipe()
os.dup2(writing, 1)
os.close(writing)
os.close(reading)
print("lost")
