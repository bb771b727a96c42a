"""What a daemon does: closes every descriptor it did not open, opens files of its own, then ends as asked for."""

import os
import signal
import sys

import crashguard

crashguard.install(app="demo", version="1.0", note=False, native=True)
ours = [int(name) for name in os.listdir("/proc/self/fd")]
os.closerange(3, 1024)
own = os.open("database", os.O_RDWR | os.O_CREAT, 0o600)
if "everywhere" in sys.argv:
    for number in ours:
        if number > 2 and number != own:
            os.dup2(own, number)  # and of all numbers it got the very ones that were ours
match sys.argv[1]:
    case "SIGSEGV":
        os.kill(os.getpid(), signal.SIGSEGV)
    case "uninstall":
        crashguard.uninstall()
        for number in ours:
            if "everywhere" in sys.argv and number > 2:
                os.fstat(number)
