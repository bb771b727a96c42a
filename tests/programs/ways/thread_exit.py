"""sys.exit() in a thread ends the thread and nothing else."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import sys
import threading

thread = threading.Thread(target=sys.exit, args=("message",))
thread.start()
thread.join()
