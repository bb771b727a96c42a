"""A daemon thread that would have raised after the end of the program."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import threading

threading.Thread(target=lambda: threading.Event().wait(60) or 1 / 0, daemon=True).start()
