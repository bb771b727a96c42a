"""A Timer's function raises."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import threading

timer = threading.Timer(0.01, lambda: 1 / 0)
timer.name = "T"
timer.start()
timer.join()
