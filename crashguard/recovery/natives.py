"""Native deaths of earlier runs: from the files that faulthandler wrote to reports in the spool.

Must live here: which files, and what becomes of each. Must not be known here: what is in a report.
"""

import ast
import os

from crashguard import files, paths, scrub
from crashguard.recovery import last_run, minimal_record, native_crash, run_marker
from crashguard.report import envelope, event, fingerprint
from crashguard.spool import store

_MOST_BYTES = 1_000_000


def settle(spool: "store.Spool") -> None:
    """Make reports of the native deaths of processes that are gone."""
    for name in _of_the_dead(spool.root, run_marker.NATIVE):
        path = os.path.join(spool.root, run_marker.FOLDER, name)
        try:
            _take_over(spool, path, stays=name.endswith(run_marker.STAYS))
        except OSError:
            continue  # gone, or no room for the report: the file stays for the next time
        except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError):
            spool.set_aside(path, "not a file of faulthandler")
        files.remove(path)


def withdraw(spool: "store.Spool") -> None:
    """Delete what processes that are gone left behind."""
    for name in _of_the_dead(spool.root, run_marker.NATIVE, run_marker.MARKER):
        files.remove(os.path.join(spool.root, run_marker.FOLDER, name))


def _of_the_dead(root: str, *endings: str) -> list[str]:
    try:
        names = os.listdir(os.path.join(root, run_marker.FOLDER))
    except OSError:
        return []
    found = []
    for name in names:
        parsed = last_run.parse(name) if name.endswith(endings) else None
        if parsed is not None and not run_marker.is_mine(name) and last_run.is_gone(*parsed):
            found.append(name)
    return sorted(found)


def _take_over(spool: "store.Spool", path: str, *, stays: bool) -> None:
    with open(paths.open_to_read(path, links=False), "rb") as file:
        first, _, rest = file.read(_MOST_BYTES).partition(b"\n")
        died = os.fstat(file.fileno()).st_mtime
    deaths = native_crash.deaths(rest.decode("utf-8", "replace"))
    header = ast.literal_eval(first.decode("ascii")) if deaths else {}
    for death in deaths:
        described = native_crash.describe(
            death,
            header,
            event_id=minimal_record.new_id(),
            timestamp=round(died, 3),
            payload_version=event.PAYLOAD_VERSION,
        )
        scrubbed = scrub.scrub_event(described)
        waits = header["may_send"] and not stays
        spool.keep(
            envelope.seal(scrubbed, header["dsn"] if waits else None),
            scrubbed["event_id"],
            fingerprint.digest([*scrubbed["fingerprint"], header["release"]]),
            int(died * 1000),
            store.WAITING if waits else store.LOCAL,
        )
        _tell_marker(path, scrubbed["event_id"])


def _tell_marker(path: str, event_id: str) -> None:
    """Write into the marker of the run that its death is known: it is not one that was killed."""
    marker = path.removesuffix(run_marker.NATIVE).removesuffix(".local") + run_marker.MARKER
    flags = os.O_WRONLY | os.O_APPEND | paths.NO_WAIT | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(marker, flags)
    except OSError:
        return  # a run without a marker
    try:
        os.write(descriptor, f" {run_marker.CRASHED} {event_id}".encode())
    finally:
        os.close(descriptor)
