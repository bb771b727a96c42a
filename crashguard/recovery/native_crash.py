"""Native crashes: from the output of faulthandler after a fatal signal to an event.

The event holds the signal's name and the functions and lines of all threads. faulthandler writes no message
and no value. Sources of the format: `_Py_DumpTracebackThreads` in CPython, 3.11 to 3.15, and `faulthandler.c`
in PyPy.
"""

import re

from crashguard import report
from crashguard.distributions import Distributions
from crashguard.report import contexts, fingerprint, printed
from crashguard.report.origins import Origins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CRASH = "Fatal Python error: "
# faulthandler's names for the signals that it handles (Modules/faulthandler.c), with number and name.
_SIGNALS = {
    "Segmentation fault": (11, "SIGSEGV"),
    "Aborted": (6, "SIGABRT"),
    "Bus error": (7, "SIGBUS"),
    "Floating point exception": (8, "SIGFPE"),
    "Floating-point exception": (8, "SIGFPE"),
    "Illegal instruction": (4, "SIGILL"),
}
# 3.14 adds a thread's name, raw: at most 63 bytes, and a newline may be among them. A free-threaded 3.14 and
# PyPy print one stack and do not say whose; it is that of the thread that crashed.
_THREAD = re.compile(
    r"^(?:(Current thread|Thread) 0x([0-9a-f]+)(?: \[[\s\S]{0,63}?\])?|Stack)"
    r" \(most recent call first(?:, approximate line numbers)?\):\n",
    re.MULTILINE,
)
_MOST_THREADS = 50


def crashes(text: str) -> "list[str]":
    """The crashes in one file; there may be several, because a forked child writes to its parent's file."""
    return [part for part in text.split(_CRASH)[1:] if part.partition("\n")[0] in _SIGNALS]


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
    signal_line = crash.partition("\n")[0]
    number, name = _SIGNALS[signal_line]
    origins = Origins.of_process(header, lambda program, path: Distributions(program, path, None))
    threads = _threads(crash, origins)
    current = next((thread for thread in threads if thread["current"]), None)
    value: dict[str, Any] = {
        "type": name,
        "value": signal_line,
        "mechanism": {
            "type": "signalhandler",
            "handled": False,
            "meta": {"signal": {"number": number, "name": name}},
        },
    }
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
    if header["plugin"]:
        event["tags"] = {"component": "plugin"} | {
            f"plugin.{key}": text[: report.MOST_TAG]
            for key, text in zip(("team", "kind", "name", "version"), header["plugin"], strict=True)
        }
    return event


def _threads(crash: str, origins: Origins) -> "list[dict[str, Any]]":
    parts = _THREAD.split(crash)[1:]
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
