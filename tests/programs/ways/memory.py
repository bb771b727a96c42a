"""No memory is left: the address space is limited and full."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import resource

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
