"""An exception in the callback of a weak reference."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import weakref


class Thing:
    pass


def callback(_):
    raise ValueError("callback")


thing = Thing()
ref = weakref.ref(thing, callback)
del thing
print("on")
