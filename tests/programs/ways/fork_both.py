"""A child of os.fork and its parent raise the same."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os

pid = os.fork()
if pid:
    os.waitpid(pid, 0)
raise ValueError("both")
