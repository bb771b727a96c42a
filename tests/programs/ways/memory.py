"""No memory is left: the address space is limited and full."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os
import resource

os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # whether a traceback can be printed now is a matter of luck

resource.setrlimit(resource.RLIMIT_AS, (400 * 2**20, resource.RLIM_INFINITY))
kept = []
size = 2**24
while True:
    try:
        kept.append(bytes(size))
    except MemoryError:
        if size <= 512:
            raise
        size //= 2
