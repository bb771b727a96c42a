"""Runtime, operating system, device, process and program, as Sentry's contexts.

All values are numbers or names of products, and all are coarse: exact figures of memory and kernel tell one
machine from another, as a name would. A test counts the bits that are left. The host name, which `os.uname()`
also returns, is not used.

The figures of the process come from psutil where the program has it loaded. Else they are read from /proc: an
import of psutil costs four times the process's start, and imports modules that a file beside the program may
shadow. Where there is no /proc, psutil is imported, but in a dying process.
"""

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy"}
_SYSTEMS = {"Darwin": "macOS"}
_GIB = 2**30


def contexts(*, dying: bool, packer: str | None) -> "dict[str, dict[str, Any]]":
    """Sentry contexts of this process.

    Args:
        dying: Whether the process is about to end. Then psutil is not imported.
        packer: What packed the program into one file or folder, if anything did.
    """
    return {
        "runtime": {
            "type": "runtime",
            "name": implementation(sys.implementation.name),
            "version": ".".join(str(part) for part in sys.version_info[:3]),
        },
        "os": _system(),
        "device": _device(),
        "process": _process(dying),
        "program": _program(packer),
    }


def implementation(name: str) -> str:
    """What people call an interpreter that calls itself `name` (`sys.implementation.name`)."""
    return _IMPLEMENTATIONS.get(name, name)


def prepare() -> None:
    """Import psutil in advance where it is needed, for servers and other programs that live on after a crash.

    Its import evaluates source text. If another thread is ending the program by an unhandled Ctrl-C at that
    moment, CPython loses track of it and the exit status becomes 1 in place of -2.
    """
    if sys.platform != "linux":
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
    return {"type": "os", "name": name, "kernel_version": _major_and_minor(names.release)}


def _major_and_minor(release: str) -> str:
    """`6.8` of `6.8.0-45-generic`: the rest names the distribution, the cloud or one person's build."""
    numbers = []
    for part in release.split(".")[:2]:
        digits = len(part) - len(part.lstrip("0123456789"))
        numbers.append(part[:digits])
        if digits < len(part):
            break
    return ".".join(number for number in numbers if number)


def _device() -> "dict[str, Any]":
    facts: dict[str, Any] = {"type": "device", "processor_count": _power_of_two(os.cpu_count() or 0)}
    if sys.platform == "win32":
        facts["arch"] = sys.version.rpartition("(")[2].rstrip(
            ")]"
        )  # 3.13.2 (...) [MSC v.1942 64 bit (AMD64)]
        return facts
    facts["arch"] = os.uname().machine
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        pages = os.sysconf("SC_PHYS_PAGES")
        step = max(_GIB, _power_of_two(pages * page) // 8)  # a larger machine keeps more for itself
        facts["memory_size"] = size = -(-pages * page // step) * step
        tenths = -(
            -10 * os.sysconf("SC_AVPHYS_PAGES") // pages
        )  # rounded up: a machine that runs is not at 0
        facts["free_memory"] = size * tenths // 10
    except (AttributeError, ValueError, OSError, ZeroDivisionError):
        pass  # not these names: macOS has no AVPHYS_PAGES
    return facts


def _power_of_two(figure: float) -> int:
    """The largest power of two that is not above a figure; 0 below 1."""
    return 1 << int(figure).bit_length() - 1 if figure >= 1 else 0


def _process(dying: bool) -> "dict[str, Any]":
    # No "type": Sentry does not define this context, and sentry-cli reads no type that it does not know.
    facts: dict[str, Any] = {}
    used = os.times()
    facts["cpu_seconds"] = used.user + used.system
    try:
        if "psutil" not in sys.modules and (dying or sys.platform == "linux"):
            facts.update(_from_standard_library())
        else:
            facts.update(_from_psutil())
    except Exception:  # noqa: BLE001, S110 (these figures may be missing: /proc is hidden, a limit is reached)
        pass
    return {name: _power_of_two(figure) for name, figure in facts.items()}


def _from_psutil() -> "dict[str, Any]":
    import psutil

    process = psutil.Process()
    with process.oneshot():
        facts = {
            "memory_resident": process.memory_info().rss,
            "threads": process.num_threads(),
            "uptime_seconds": time.time() - process.create_time(),
        }
        if hasattr(process, "num_fds"):
            facts["open_files"] = process.num_fds()
    return facts


def _from_standard_library() -> "dict[str, Any]":
    facts: dict[str, Any] = {}
    if sys.platform != "linux":
        return facts
    with open("/proc/self/stat", "rb") as file:  # proc(5): fields after the name, which may hold blanks
        fields = file.read().rpartition(b")")[2].split()
    facts["threads"] = int(fields[17])
    facts["memory_resident"] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    facts["uptime_seconds"] = time.clock_gettime(time.CLOCK_BOOTTIME) - started
    facts["open_files"] = len(os.listdir("/proc/self/fd"))
    return facts


def _program(packer: str | None) -> "dict[str, Any]":
    facts: dict[str, Any] = {}
    if packer:
        facts["frozen"] = packer
    try:
        facts["terminal"] = os.isatty(2)
    except OSError:
        facts["terminal"] = False
    facts["encoding"] = _locale_encoding()
    return facts


def _locale_encoding() -> str:
    import _locale  # built in; `locale` would be an import of size

    return _locale.getencoding().lower()
