"""SIGSEGV in a program that has faulthandler enabled itself: its text goes where it went before."""

import crashguard
import faulthandler
import signal

faulthandler.enable()
crashguard.install(app="demo", version="1.0", note=False, native=True)
signal.raise_signal(signal.SIGSEGV)
