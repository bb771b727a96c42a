"""SIGKILL: the OOM killer's way."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
