"""A container's init, as tini is one: starts a program, hands SIGTERM on, and reaps what ends."""

import os
import signal
import sys

program = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
signal.signal(signal.SIGTERM, lambda number, frame: os.kill(program, number))
while True:
    ended, status = os.wait()
    if ended == program:
        sys.exit(os.waitstatus_to_exitcode(status) % 256)
