"""A run with a marker, which tells how the one before ended and then ends in the way that is asked for."""

import os
import signal
import sys

import crashguard


crashguard.install(app="demo", version="1.0", note=False, markers=True, native="native" in sys.argv)
print(crashguard.last_run())
match sys.argv[1]:
    case "crash":
        1 / 0
    case "exit":
        sys.exit(3)
    case "os-exit":
        os._exit(0)
    case "fork":
        if os.fork():
            print(os.waitstatus_to_exitcode(os.wait()[1]))
    case name if name.startswith("SIG"):
        os.kill(os.getpid(), getattr(signal, name))
