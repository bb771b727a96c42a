"""A generator raises while it is being thrown away."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)


def numbers():
    try:
        yield 1
    finally:
        raise ValueError("close")


for _ in numbers():
    break
print("on")
