"""What a thread of ours needs, so that it neither fails nor ends the process in another way than without us.

Before Python 3.14, a thread that still runs when the interpreter ends is ended by `pthread_exit()`. glibc
loads libgcc_s for that, and aborts the process where it cannot: no descriptor is left, or no memory. Sources:
`PyThread_exit_thread` in CPython, `__libc_unwind_link_get` in glibc.
"""

import os
import sys

_NEEDED = 12  # descriptors of a thread that sends: a socket, name servers, certificates, a lock, imports


def has_descriptors() -> bool:
    """Whether enough descriptors are free for a thread that sends; true where that cannot be told."""
    if sys.platform == "win32":
        return True
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            used = len(os.listdir(folder))
            return used + _NEEDED <= os.sysconf("SC_OPEN_MAX")
        except FileNotFoundError:
            continue
        except (OSError, ValueError, AttributeError):
            return False  # not even this one was free
    return True


def let_end() -> None:
    """Load what the end of a thread needs, as long as it can be loaded. Never raises.

    It is called where a thread has not answered in time, and may still run when the interpreter ends.
    """
    if sys.version_info >= (3, 14) or sys.platform != "linux":
        return
    try:
        import _ctypes

        _ctypes.dlopen("libgcc_s.so.1", os.RTLD_NOW)
    except (ImportError, OSError, AttributeError):
        pass  # another C library than glibc needs none
