"""The steps of a hook after a crash: the report, the note, the message about a hook that raised.

This module is imported at the first crash. Its functions may raise; the hook catches.
"""

import os
import sys

from crashguard import minimal_record, registry, reporter
from crashguard.report import type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.client import Client
    from crashguard.registry import Claim
    from crashguard.registry.records import Record

_OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep
_BROKEN_POOLS = ("BrokenProcessPool", "TerminatedWorkerError")  # of concurrent.futures and of loky


def report(
    client: "Client",
    exc: BaseException,
    mechanism: str,
    claim: "Claim | None",
    minimal_path: str | None,
    *,
    goes_on: bool,
    note: bool,
) -> None:
    """Record a crash, show the note and have the report sent.

    Args:
        client: The client of this process.
        exc: The exception.
        mechanism: The hook that received it.
        claim: The claim on it, if there is one.
        minimal_path: The path of the minimal record, if there is one.
        goes_on: Whether the program goes on. Then no note is shown, because the program did not crash.
        note: Whether the note may be shown.
    """
    tags = {}
    if type_name(type(exc)) in _BROKEN_POOLS:
        from crashguard.report import children

        tags["children"] = children.exits()
    crash = registry.Crash(exc, mechanism, handled=False, goes_on=goes_on, tags=tags)
    record = reporter.report(client, crash, claimed=claim, minimal_path=minimal_path)
    event_id = minimal_record.id_of(minimal_path) if record is None else record.event_id
    is_refused = client.config is None or not client.config.level.sends_errors  # by a no since the start
    if client.run is not None and event_id is not None and mechanism in reporter.ENDING:
        client.run.crashed(None if is_refused else event_id)
    if record is None:
        return
    if client.mounted is not None:
        client.mounted(minimal_record.traceback_of(exc))
    if note and not goes_on:
        if record.kept_because is None:
            client.say_due()
        _show_note(client, record, mechanism)
    reporter.enqueue(client, record, dying=mechanism in reporter.ENDING)


def _show_note(client: "Client", record: "Record", mechanism: str) -> None:
    if client.config is None or client.config.note is False:
        return
    try:
        from crashguard.capture import note as notes

        if mechanism == "multiprocessing":
            # The child prints its traceback later. The note comes below it, when threading shuts down.
            import threading

            threading._register_atexit(notes.show, client.config, record)  # type: ignore[attr-defined]
        else:
            notes.show(client.config, record)
    except Exception:  # noqa: BLE001, S110 (stderr may be closed, the working directory gone)
        pass


def show_broken_hook(mechanism: str, broken: BaseException, exc: BaseException) -> None:
    """Print CPython's message about a hook that raised, without the frames of crashguard.

    Sources: `_PyErr_PrintEx` and `_PyErr_WriteUnraisableMsg` in CPython, `_make_invoke_excepthook` in
    its threading module.
    """
    below = broken.__traceback__
    while below is not None and below.tb_frame.f_code.co_filename.startswith(_OURS):
        below = below.tb_next
    broken = broken.with_traceback(below)
    stderr: Any = sys.stderr
    if mechanism == "unraisable":
        hook = sys.unraisablehook
        print(f"Exception ignored in sys.unraisablehook: {getattr(hook, 'previous', hook)!r}", file=stderr)
        broken.__suppress_context__ = True
        sys.__excepthook__(type(broken), broken, below)
    elif mechanism == "threading":
        from types import TracebackType  # threading has it loaded

        caller = sys._getframe()
        while caller.f_back is not None and caller.f_code.co_filename.startswith(_OURS):
            caller = caller.f_back
        below = TracebackType(below, caller, caller.f_lasti, caller.f_lineno)
        broken.__suppress_context__ = True
        print("Exception in threading.excepthook:", file=stderr, flush=True)
        sys.excepthook(type(broken), broken.with_traceback(below), below)
    else:
        stderr.write("Error in sys.excepthook:\n")
        sys.__excepthook__(type(broken), broken, below)
        stderr.write("\nOriginal exception was:\n")
        sys.__excepthook__(type(exc), exc, minimal_record.traceback_of(exc))
