"""No thread can be started."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import _thread


def refuse(*args, **kwargs):
    raise RuntimeError("can't start new thread")


_thread.start_new_thread = refuse


class Own(Exception):
    def __str__(self):
        return "own text"


raise Own
