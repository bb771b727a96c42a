"""What interpreters write on a fatal signal, as far as no interpreter of the suite writes it, becomes threads."""

import signal
from typing import Any

import pytest

from crashguard.program import Program
from crashguard.recovery import native_crash

PROGRAM = Program()
PROGRAM.add_script("/home/ada/tool.py")
PROGRAM.stdlib = ("/usr/lib/python3.14/",)
HEADER = {
    "release": "demo@1.0",
    "environment": None,
    "telemetry_level": "all",
    "telemetry_level_source": "default",
    "run_id": None,
    "plugin": None,
    "program": PROGRAM.facts(),
    "plugin_packages": [],
    "other_packages": [],
    "path": [],
    "implementation": "cpython",
    "version": (3, 14, 0),
}

NAMES = """Fatal Python error: Segmentation fault

Thread 0x00007f0c974986c0 [worker [x]] (most recent call first):
  File "/usr/lib/python3.14/threading.py", line 1025 in run

Thread 0x00007f0c97c9d6c0 [a
b] (most recent call first):
  File "/usr/lib/python3.14/threading.py", line 1083 in _bootstrap_inner

Current thread 0x00007f0c98093400 [tool] (most recent call first):
  File "/home/ada/tool.py", line 8 in inner
  File "/home/ada/tool.py", line 9 in <module>

Current thread's C stack trace (most recent call first):
  Binary file "/home/ada/lib/libcrypt.so.1", at crypt+0x4a [0x49b2f9]
  <truncated rest of calls>
"""
FREE_THREADED = """Fatal Python error: Aborted

<Cannot show all threads while the GIL is disabled>
Stack (most recent call first):
  File "/home/ada/tool.py", line 8 in inner
  File "/home/ada/tool.py", line 9 in <module>
"""
PYPY = """Fatal Python error: Segmentation fault

Stack (most recent call first, approximate line numbers):
  File "/home/ada/tool.py", line 8 in inner
  File "/home/ada/tool.py", line 1 in <module>
  File "<builtin>/app_main.py", line 1234 in entry_point
"""

PYPY_THREADS = """Fatal Python error: Segmentation fault

Thread 0x7F05A284A6C0 (most recent call first, approximate line numbers):
  File "/home/ada/tool.py", line 3 in waits

Current thread 0x7F05AFD35780 (most recent call first, approximate line numbers):
  File "/home/ada/tool.py", line 8 in inner
  File "/home/ada/tool.py", line 1 in <module>
  File "<builtin>/app_main.py", line 1114 in execfile
  File "<builtin>/app_main.py", line 1234 in entry_point
"""


def event_of(text: str, **header: Any) -> dict[str, Any]:
    """The event that a dump becomes; it is one crash."""
    [crash] = native_crash.crashes(text)
    return native_crash.describe(crash, HEADER | header, event_id="0" * 32, timestamp=1.0, payload_version=1)


@pytest.mark.parametrize(
    "dump", [NAMES, FREE_THREADED, PYPY, PYPY_THREADS], ids=["3.14", "3.14t", "PyPy", "PyPy, threads"]
)
def test_the_frames_of_the_thread_that_crashed_are_the_reports(dump: str) -> None:
    """Own functions are named in the stack and in the fingerprint, whatever interpreter wrote the dump."""
    event = event_of(dump)

    functions = [frame["function"] for frame in event["exception"]["values"][0]["stacktrace"]["frames"]]
    assert ["<module>", "inner"] == functions[-2:]
    assert "tool:inner" in event["fingerprint"]


def test_names_of_threads_hide_no_thread_and_stay() -> None:
    """Whatever a thread is called, its stack is in the report; its name, the C stack and paths are not."""
    event = event_of(NAMES)

    assert [1, 1, 2] == [len(thread["stacktrace"]["frames"]) for thread in event["threads"]["values"]]
    assert [False, False, True] == [thread["crashed"] for thread in event["threads"]["values"]]
    assert not [word for word in ("worker", "crypt", "ada") if word in repr(event)]


def test_the_main_program_of_pypy_is_no_frame_and_its_other_threads_are_told() -> None:
    """Its addresses are in capitals; the frames of the interpreter itself say nothing of the crash."""
    event = event_of(PYPY_THREADS)

    assert ["waits", "<module>", "inner"] == [
        frame["function"] for thread in event["threads"]["values"] for frame in thread["stacktrace"]["frames"]
    ]


def test_a_native_crash_names_its_interpreter() -> None:
    """PyPy is not called CPython."""
    assert "PyPy" == event_of(PYPY, implementation="pypy")["contexts"]["runtime"]["name"]


WINDOWS = """Windows fatal exception: access violation

Current thread 0x00000024 (most recent call first):
  File "/home/ada/tool.py", line 3 in handled

Windows fatal exception: {what}

Current thread 0x00000024 (most recent call first):
  File "/home/ada/tool.py", line 8 in inner
  File "/home/ada/tool.py", line 9 in <module>
"""


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("access violation", "EXCEPTION_ACCESS_VIOLATION"),
        ("stack overflow", "EXCEPTION_STACK_OVERFLOW"),
        ("code 0xc0000374", "EXCEPTION_0XC0000374"),
    ],
)
def test_of_several_exceptions_of_windows_the_last_was_fatal(what: str, name: str) -> None:
    """faulthandler also writes down what the program handled; that is no crash."""
    event = event_of(WINDOWS.format(what=what))

    [value] = event["exception"]["values"]
    assert (name, what) == (value["type"], value["value"])
    assert "meta" not in value["mechanism"]
    assert "inner" == value["stacktrace"]["frames"][-1]["function"]


def test_an_abort_after_a_handled_exception_of_windows_is_the_abort() -> None:
    """The C library's signals are written by the same faulthandler."""
    text = WINDOWS.format(what="access violation") + FREE_THREADED

    assert "SIGABRT" == event_of(text)["exception"]["values"][0]["type"]


def test_the_number_of_a_signal_is_this_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGBUS is 7 on Linux and 10 on macOS."""
    monkeypatch.setattr(signal, "SIGBUS", 10)
    event = event_of(FREE_THREADED.replace("Aborted", "Bus error"))

    assert {"number": 10, "name": "SIGBUS"} == event["exception"]["values"][0]["mechanism"]["meta"]["signal"]
