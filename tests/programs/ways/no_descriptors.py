"""No file descriptor is left."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os
import resource

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
kept = []
while True:
    kept.append(os.open("/dev/null", os.O_RDONLY))
