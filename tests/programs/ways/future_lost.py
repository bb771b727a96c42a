"""The result of a future is never asked for."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor() as pool:
    pool.submit(lambda: 1 / 0)
