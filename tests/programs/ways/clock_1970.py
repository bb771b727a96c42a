"""The clock stands at 1970."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import time

time.time = lambda: 100.0
time.time_ns = lambda: 100_000_000_000
1 / 0
