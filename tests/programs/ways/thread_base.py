"""A BaseException of the tool's own ends a thread."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import threading


class Stop(BaseException):
    pass


def f():
    raise Stop("base")


thread = threading.Thread(target=f, name="T")
thread.start()
thread.join()
