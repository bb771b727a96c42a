"""An exception in __del__, three times the same."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)


class Broken:
    def __del__(self):
        raise ValueError("del")


for _ in range(3):
    Broken()
print("on")
