"""The reader of stderr went away."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os
import sys

reader, writer = os.pipe()
os.close(reader)
os.dup2(writer, 2)
print("x" * 100_000, file=sys.stderr, flush=True)
