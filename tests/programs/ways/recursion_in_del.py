"""__del__ raises where no stack is left."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)


class Broken:
    def __del__(self):
        raise ValueError("del")


def f(depth):
    Broken()
    return f(depth + 1)


import os
import sys

os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what is printed depends on the depth of each hook
try:
    f(0)
except RecursionError:
    sys.stdout.write("on")
