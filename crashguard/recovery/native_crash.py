"""Native crashes: from the output of faulthandler after a fatal signal to an event.

The event holds the signal's name and the functions and lines of all threads. faulthandler writes no message
and no value. Sources of the format: `_Py_DumpTracebackThreads` in CPython, 3.11 to 3.15, and `faulthandler.c`
in PyPy.
"""

import re
import signal

from crashguard import report
from crashguard.program.distributions import Distributions
from crashguard.report import contexts, fingerprint, printed
from crashguard.report.origins import Origins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FATAL, _WINDOWS = "Fatal Python error", "Windows fatal exception"
_CRASH = re.compile(rf"^({_FATAL}|{_WINDOWS}): ", re.MULTILINE)
# faulthandler's names for the signals that it handles (Modules/faulthandler.c). Their numbers differ between
# systems, and the system that reads is the one that wrote.
_SIGNALS = {
    "Segmentation fault": "SIGSEGV",
    "Aborted": "SIGABRT",
    "Bus error": "SIGBUS",
    "Floating point exception": "SIGFPE",
    "Floating-point exception": "SIGFPE",
    "Illegal instruction": "SIGILL",
}
# Its names for exceptions of Windows, with those of Windows. Others it calls `code 0xc0000374`.
_EXCEPTIONS = {
    "access violation": "EXCEPTION_ACCESS_VIOLATION",
    "float divide by zero": "EXCEPTION_FLT_DIVIDE_BY_ZERO",
    "float overflow": "EXCEPTION_FLT_OVERFLOW",
    "int divide by zero": "EXCEPTION_INT_DIVIDE_BY_ZERO",
    "integer overflow": "EXCEPTION_INT_OVERFLOW",
    "page error": "EXCEPTION_IN_PAGE_ERROR",
    "stack overflow": "EXCEPTION_STACK_OVERFLOW",
}
_CODE = re.compile(r"code 0x([0-9a-f]{1,8})")
# 3.14 adds a thread's name, raw: at most 63 bytes, and a newline may be among them. A free-threaded 3.14 and
# PyPy print one stack where they do not say whose; it is that of the thread that crashed. PyPy writes 0x7F05.
_THREAD = re.compile(
    r"^(?:(Current thread|Thread) 0x([0-9a-fA-F]+)(?: \[[\s\S]{0,63}?\])?|Stack)"
    r" \(most recent call first(?:, approximate line numbers)?\):\n",
    re.MULTILINE,
)
# The main program of PyPy is written in Python; these are the outermost frames of its main thread.
_PYPY_MAIN = re.compile(r'^  File "<builtin>/app_main\.py", .*\n?', re.MULTILINE)
_MOST_THREADS = 50


def crashes(text: str) -> "list[str]":
    """The crashes in one file; there may be several, because a forked child writes to its parent's file.

    On Windows nothing forks, and exceptions that the program handled are in the file too: the last one is the
    crash.
    """
    kinds_and_parts = _CRASH.split(text)[1:]
    parts = [part for part in kinds_and_parts[1::2] if _name(part.partition("\n")[0]) is not None]
    return parts[-1:] if _WINDOWS in kinds_and_parts[::2] else parts


def _name(said: str) -> str | None:
    """The name of a signal or of an exception of Windows; None for any other fatal error."""
    code = _CODE.fullmatch(said)
    return f"EXCEPTION_0X{code[1].upper()}" if code else _SIGNALS.get(said) or _EXCEPTIONS.get(said)


def describe(
    crash: str, header: "dict[str, Any]", *, event_id: str, timestamp: float, payload_version: int
) -> "dict[str, Any]":
    """Turn one native crash into an event.

    Args:
        crash: One of `crashes()`.
        header: The facts that the process wrote about itself while it was healthy.
        event_id: 32 hexadecimal digits.
        timestamp: When it died, in seconds since 1970, UTC: the last write to its file.
        payload_version: The version of the payload.
    """
    said = crash.partition("\n")[0]
    name = str(_name(said))
    origins = Origins.of_process(header, Distributions)
    threads = _threads(crash, origins)
    current = next((thread for thread in threads if thread["current"]), None)
    value: dict[str, Any] = {
        "type": name,
        "value": said,
        "mechanism": {"type": "signalhandler", "handled": False},
    }
    number = getattr(signal, name, None)
    if number is not None:
        value["mechanism"]["meta"] = {"signal": {"number": int(number), "name": name}}
    if current is not None and current["stacktrace"]["frames"]:
        value["stacktrace"] = current["stacktrace"]
    group, culprit = fingerprint.of_signal(name, value.get("stacktrace", {}).get("frames", []))
    event: dict[str, Any] = {
        "event_id": event_id,
        "timestamp": timestamp,
        "platform": "python",
        "level": "fatal",
        "release": header["release"],
        "fingerprint": group,
        **({"transaction": culprit} if culprit else {}),
        "exception": {"values": [value]},
        "threads": {"values": threads},
        "tags": {"component": "cli"},
        "contexts": {
            "runtime": {
                "name": contexts.implementation(header["implementation"]),
                "version": ".".join(map(str, header["version"])),
            },
            "crashguard": {
                "payload_version": payload_version,
                "complete": True,
                "occurrences": 1,
                "telemetry_level": header["telemetry_level"],
                "telemetry_level_source": header["telemetry_level_source"],
            },
        },
    }
    if header["environment"] is not None:
        event["environment"] = header["environment"]
    if header["run_id"] is not None:
        event["contexts"]["crashguard"]["run_id"] = header["run_id"]
    if header["plugin"]:
        event["tags"] = {"component": "plugin"} | {
            f"plugin.{key}": text[: report.MOST_TAG]
            for key, text in zip(("team", "kind", "name", "version"), header["plugin"], strict=True)
        }
    return event


def _threads(crash: str, origins: Origins) -> "list[dict[str, Any]]":
    parts = _THREAD.split(_PYPY_MAIN.sub("", crash))[1:]
    threads: list[dict[str, Any]] = []
    left = report.MOST_FRAMES
    for heading, identifier, stack in list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))[
        :_MOST_THREADS
    ]:
        frames = printed.frames_of(stack, origins, min(report.MOST_FRAMES_TAIL, left))
        left -= len(frames)
        frames.reverse()  # Sentry wants the innermost last
        mine = heading in ("Current thread", None)
        threads.append(
            {
                "id": str(int(identifier or "0", 16)),
                "current": mine,
                "crashed": mine,
                "stacktrace": {"frames": frames},
            }
        )
    return threads
