"""An exception that ends a thread; the program goes on."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import threading

thread = threading.Thread(target=lambda: 1 / 0, name="T")
thread.start()
thread.join()
print("on")
