"""The disk is full: no file may grow."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import resource
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
1 / 0
