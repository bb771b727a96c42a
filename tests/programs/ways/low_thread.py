"""A thread of _thread, which threading knows nothing of."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import _thread

done = _thread.allocate_lock()
done.acquire()


class Last:
    def __del__(self):
        done.release()


def f(last):
    raise ValueError("low")


_thread.start_new_thread(f, (Last(),))
done.acquire(timeout=10)
import threading

while _thread._count():
    threading.Event().wait(0.005)
