"""A fatal signal while two threads live, the second of them in a function of the tool."""

import crashguard
import signal
import sys
import threading

crashguard.install(app="demo", version="1.0", note=False, native=True)
ready = threading.Event()


def waits():
    ready.set()
    threading.Event().wait()


def dies():
    signal.raise_signal(getattr(signal, sys.argv[1]))


threading.Thread(target=waits, daemon=True).start()
ready.wait()
dies()
