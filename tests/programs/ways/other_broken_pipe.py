"""A broken pipe that is not our output is a crash."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os

reading, writing = os.pipe()
os.close(reading)
os.write(writing, b"x")
