"""The exit statuses of this process's children, for the report of a process pool that broke."""

import os
import sys
import time

_LOOKS, _BETWEEN_LOOKS = 50, 0.001  # seconds


def exits() -> str:
    """The exit statuses of children that have not been waited for: `SIGKILL, exit status 3`.

    It reads a status without taking it (WNOWAIT): the program can still wait for the child. A pool notices
    that a pipe was closed, which comes a moment before the child has a status, and its thread takes the
    status a moment before it says it. So where there is none yet, this looks again.
    """
    for _ in range(_LOOKS):
        if found := _exits():
            return ", ".join(sorted(found))
        time.sleep(_BETWEEN_LOOKS)
    return ""


def _exits() -> "set[str]":
    process = sys.modules.get("multiprocessing.process")
    found_exits = set()
    for child in list(getattr(process, "_dangling", ())):
        try:
            status: int | None = child._popen.returncode
            if sys.platform == "win32":
                status = child.exitcode  # to ask takes nothing from anybody there
            elif status is None and sys.platform != "darwin":
                found = os.waitid(os.P_PID, child._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                if found is None:
                    continue
                status = found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
        except (AttributeError, OSError):
            continue
        if status:
            found_exits.add(_name_of(-status) if status < 0 else f"exit status {status}")
    return found_exits


def _name_of(number: int) -> str:
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
