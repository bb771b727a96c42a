"""The thread hook that was there before raises."""

import threading


def broken(args):
    raise LookupError("hook")


threading.excepthook = broken
import crashguard

crashguard.install(app="demo", version="1.0", note=False)

thread = threading.Thread(target=lambda: 1 / 0, name="T")
thread.start()
thread.join()
