"""The same with a guard on the function that is submitted."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

from concurrent.futures import ThreadPoolExecutor


@crashguard.guard("job")
def job():
    return 1 / 0


with ThreadPoolExecutor() as pool:
    pool.submit(job)
