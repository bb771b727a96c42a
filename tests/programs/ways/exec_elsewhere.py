"""The process becomes another program, which knows nothing of crashguard."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os

os.execv("/bin/sh", ["/bin/sh", "-c", "exit 5"])
