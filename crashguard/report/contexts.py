"""Runtime, operating system, device and process, as Sentry's contexts.

All values are numbers or names of products. The host name, which `os.uname()` also returns, is not used.
The figures of the process come from psutil if the program has it loaded or lives on. In a dying process the
import of psutil would cost four times the process's start, so the standard library's figures are used.
"""

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy"}
_SYSTEMS = {"Darwin": "macOS"}


def contexts(*, dying: bool) -> "dict[str, dict[str, Any]]":
    """Sentry contexts of this process.

    Args:
        dying: Whether the process is about to end. Then psutil is not imported.
    """
    return {
        "runtime": {
            "type": "runtime",
            "name": _IMPLEMENTATIONS.get(sys.implementation.name, sys.implementation.name),
            "version": ".".join(str(part) for part in sys.version_info[:3]),
        },
        "os": _system(),
        "device": _device(),
        "process": _process(dying),
    }


def prepare() -> None:
    """Import psutil in advance, for servers and other programs that live on after a crash.

    Its import evaluates source text. If another thread is ending the program by an unhandled Ctrl-C at that
    moment, CPython loses track of it and the exit status becomes 1 in place of -2.
    """
    import psutil  # noqa: F401 (that it is loaded is the point)


def _system() -> "dict[str, Any]":
    if sys.platform == "win32":
        version = sys.getwindowsversion()
        return {
            "type": "os",
            "name": "Windows",
            "version": f"{version.major}.{version.minor}.{version.build}",
        }
    names = os.uname()
    name = _SYSTEMS.get(names.sysname, names.sysname)
    return {"type": "os", "name": name, "kernel_version": names.release}


def _device() -> "dict[str, Any]":
    facts: dict[str, Any] = {"type": "device", "processor_count": os.cpu_count() or 0}
    if hasattr(os, "uname"):
        facts["arch"] = os.uname().machine
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        facts["memory_size"] = os.sysconf("SC_PHYS_PAGES") * page
        facts["free_memory"] = os.sysconf("SC_AVPHYS_PAGES") * page
    except (AttributeError, ValueError, OSError):
        pass  # no sysconf (Windows), or not these names (macOS has no AVPHYS_PAGES)
    return facts


def _process(dying: bool) -> "dict[str, Any]":
    # No "type": Sentry does not define this context, and sentry-cli reads no type that it does not know.
    facts: dict[str, Any] = {}
    used = os.times()
    facts["cpu_seconds"] = round(used.user + used.system, 3)
    try:
        if dying and "psutil" not in sys.modules:
            facts.update(_from_standard_library())
        else:
            facts.update(_from_psutil())
    except Exception:  # noqa: BLE001, S110 (these figures may be missing: /proc is hidden, a limit is reached)
        pass
    return facts


def _from_psutil() -> "dict[str, Any]":
    import psutil

    process = psutil.Process()
    with process.oneshot():
        facts = {
            "memory_resident": process.memory_info().rss,
            "threads": process.num_threads(),
            "uptime_seconds": round(max(0.0, time.time() - process.create_time()), 1),
        }
        if hasattr(process, "num_fds"):
            facts["open_files"] = process.num_fds()
    return facts


def _from_standard_library() -> "dict[str, Any]":
    facts: dict[str, Any] = {}
    with open("/proc/self/stat", "rb") as file:  # proc(5): fields after the name, which may hold blanks
        fields = file.read().rpartition(b")")[2].split()
    facts["threads"] = int(fields[17])
    facts["memory_resident"] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    facts["uptime_seconds"] = round(
        max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")), 1
    )
    facts["open_files"] = len(os.listdir("/proc/self/fd"))
    return facts
