"""Makes a Linux look like macOS to a Python program: what is in the way of tests on a Mac that nobody here has.

`sys.platform`, no /proc, no clock and no call that only Linux has, spawn as the start method of multiprocessing.
"""

import os
import posix
import sys
import time
import types

sys.platform = "darwin"
os.sysconf_names = {name: value for name, value in os.sysconf_names.items() if name != "SC_AVPHYS_PAGES"}
_sysconf, _open, _listdir, _uname = os.sysconf, os.open, os.listdir, os.uname


def sysconf(name):
    if name == "SC_AVPHYS_PAGES":
        raise ValueError("unrecognized configuration name")
    return _sysconf(name)


def uname():
    return types.SimpleNamespace(
        sysname="Darwin", nodename="mac", release="25.1.0", version="", machine="arm64"
    )


def hidden(function):
    def look(path=".", *arguments, **options):
        if isinstance(path, str) and path.startswith("/proc"):
            raise FileNotFoundError(2, "No such file or directory", path)
        return function(path, *arguments, **options)

    return look


os.sysconf, os.uname = sysconf, uname
os.open, os.listdir = hidden(_open), hidden(_listdir)
posix.open, posix.listdir, posix.sysconf, posix.uname = os.open, os.listdir, sysconf, uname
for name in ("CLOCK_BOOTTIME",):
    delattr(time, name)
for name in ("waitid", "pidfd_open"):
    delattr(os, name)

import fcntl

fcntl.F_FULLFSYNC = (
    51  # the number of macOS; Linux does not know it and refuses, as a network disk on a Mac does
)
sys.modules["_scproxy"] = types.SimpleNamespace(_get_proxy_settings=dict, _get_proxies=dict)
