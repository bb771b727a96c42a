"""Turn the files of dead processes into reports in the spool, or delete them after a no."""

import ast
import os
import time

from crashguard import files, minimal_record, paths, policy, processes, recovery, scrub
from crashguard.consent import choices
from crashguard.recovery import native_crash
from crashguard.report import envelope, event, fingerprint
from crashguard.spool import journal, rate_limit, store
from crashguard.spool.store import Spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST_BYTES = 1_000_000
_MOST_WAIT = 5.0  # seconds for another reader, which needs some milliseconds
_BAD_FILE = (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError, AttributeError)


def recover(spool: Spool) -> None:
    """Turn minimal records and native crashes of dead processes into reports; remove old partial files.

    Args:
        spool: The spool.
    """
    files.sweep_partials(spool.root)
    with OneReader(spool.root):
        _minimal_records(spool)
        for name in recovery.of_dead_processes(spool.root, thoroughly=True):
            if name.endswith(paths.NATIVE):
                _native_file(spool, name)


def withdraw(spool: Spool, *, keep_verdict: bool = False) -> int:
    """Delete everything that waits to be sent, because the telemetry level says no now.

    Args:
        spool: The spool.
        keep_verdict: Whether to keep how the last run ended, because the host asks for it at every telemetry
            level.

    Returns:
        How many reports and minimal records were deleted.
    """
    with OneReader(spool.root):  # else another reader could keep a report of what is deleted here
        for name in recovery.of_dead_processes(spool.root, thoroughly=True):
            files.remove(os.path.join(spool.root, paths.RUNS, name))
        if not keep_verdict:
            files.remove(os.path.join(spool.root, paths.RUNS, paths.LAST))
        rate_limit.delete_counts(spool.root)
        return spool.withdraw()


def forget(spool: Spool) -> None:
    """After a no: delete what waits to be sent, and then what tells of crashes.

    Args:
        spool: The spool.
    """
    withdraw(spool)
    spool.forget()


class OneReader:
    """Keeps the other readers of a spool waiting: a command, an uploader and a start may come at one moment.

    Without it a reader that is slow could make a report again which a quick one has made and sent, or write
    one again which a no has deleted. The folder itself is locked, which leaves no file behind. Where that is
    impossible (Windows, some network file systems) and where the holder does not go on, nobody waits for
    long: a report that is made twice has one id, and a server stores it once.

    Args:
        root: The spool's folder.
    """

    __slots__ = ("_descriptor", "_root")

    def __init__(self, root: str) -> None:
        self._root = root
        self._descriptor = -1

    def __enter__(self) -> None:
        try:
            self._descriptor = processes.open_folder(self._root)
            end = time.monotonic() + _MOST_WAIT
            while not processes.lock(self._descriptor) and time.monotonic() < end:
                time.sleep(0.01)
        except OSError:
            pass  # as said above

    def __exit__(self, *exc: object) -> None:
        if self._descriptor < 0:
            return
        processes.unlock(self._descriptor)
        try:
            files.system.close(self._descriptor)
        except OSError:
            pass  # it is closed all the same


def _minimal_records(spool: Spool) -> None:
    """One whose full report is there was left by a process that was killed between the two."""
    names = spool.names(paths.RECORDING)
    complete = _ids(spool) if names else set()
    for name in names:
        milliseconds, event_id, writer = store.parse_name(name) or (0, "", "")
        token, _, local = writer.partition(".")
        path = os.path.join(spool.folder(paths.RECORDING), name)
        if event_id in complete:
            files.remove(path)
        elif _is_gone(token, milliseconds / 1000, path):
            _minimal_record(spool, path, name, local_only=bool(local))


def _is_gone(token: str, since: float, path: str) -> bool:
    """Whether the writer of a minimal record is gone; in another container, once a report would be there."""
    pid = token.partition("_")[0]
    if not (pid.isascii() and pid.isdigit() and len(pid) < 10):
        return True
    return processes.is_over(
        token, since, files.process_token(), elsewhere=lambda: files.age(path) > recovery.MOST_TO_REPORT
    )


def _minimal_record(spool: Spool, path: str, name: str, *, local_only: bool) -> None:
    """Make a report of a minimal record: its name gets a group in place of the pid.

    A report that may not leave gets the reason.
    """
    milliseconds, event_id, _ = store.parse_name(name) or (0, "", "")
    try:
        data = files.read(path, store.MOST_BYTES)
        header, event = envelope.unseal(data)
        about = event.get("contexts", {}).get("crashguard", {})
        if _was_refused(spool, about.get("telemetry_level_source"), milliseconds / 1000, event_id):
            files.remove(path)
            return
        if (whole := _unnamed(spool, event_id)) is not None:
            files.move(*whole)
            files.remove(path)
            return
        reason = _why_kept(str(event.get("release", "")), header.get("dsn"), local_only=local_only)
        if reason is not None:
            event.setdefault("contexts", {}).setdefault("crashguard", {})["kept_because"] = reason
        event, group = _with_fingerprint(spool, event, data.split(b"\n", 3)[3:])
        dsn = header.get("dsn") if reason is None else None
        files.write(path, envelope.seal(event, dsn), durable=False, again=True)
    except OSError:
        return  # gone, or no room: it stays for the next time
    except _BAD_FILE:
        spool.set_aside(path, "not a minimal record")
        return
    target = spool.folder(paths.WAITING if reason is None else paths.LOCAL)
    try:
        files.state_folder(target)
        files.move(path, os.path.join(target, f"{milliseconds}-{group}-{event_id}{store.SUFFIX}"))
    except OSError:
        pass


def _unnamed(spool: Spool, event_id: str) -> "tuple[str, str] | None":
    """The file of a report that is whole, and the name that its writer died before giving it."""
    for state in (paths.WAITING, paths.LOCAL):
        folder = spool.folder(state)
        for partial in files.names(folder):
            stem, ending, _ = partial[1:].partition(store.SUFFIX)
            parsed = store.parse_name(stem + ending) if files.is_partial(partial) else None
            if parsed is None or parsed[2] != event_id:
                continue
            path = os.path.join(folder, partial)
            try:
                envelope.unseal(files.read(path, store.MOST_BYTES))
            except (OSError, *_BAD_FILE):
                continue  # cut short, or gone
            return path, os.path.join(folder, stem + ending)
    return None


def _with_fingerprint(
    spool: Spool, event: "dict[str, Any]", below: list[bytes]
) -> "tuple[dict[str, Any], str]":
    """The event with the fingerprint of the full report, and its group.

    Args:
        spool: The spool.
        event: The event of a minimal record.
        below: What lies below the envelope: what the process took down for the fingerprint. Without it, or
            where another Python took it down, the fingerprint is that of the latest full report with the same
            beginning, if there is one.
    """
    for facts in filter(None, below):
        from crashguard.recovery import recorded

        try:
            bug, release = recorded.bug_of(facts.decode("ascii"))
            group = fingerprint.group_of(bug.fingerprint, release, event["level"])
            transaction = {"transaction": bug.culprit} if bug.culprit else {}
            whole = {**event, "release": release, "fingerprint": bug.fingerprint, **transaction}
            return scrub.scrub_event(whole), group
        except Exception:  # noqa: BLE001, S110 (a damaged record may hold anything; what is left is enough)
            pass
    known = _known_bug(spool, event)
    if known is not None:
        event["fingerprint"] = known
    return event, _group(event)


def _known_bug(spool: Spool, event: "dict[str, Any]") -> "list[str] | None":
    """The fingerprint of the latest full report of the same bug; None where there is none.

    The fingerprint of a minimal record is only the beginning of one. With the whole one, a server files it
    under the same issue, and it is limited with the reports of that bug.
    """
    begin = event.get("fingerprint")
    if type(begin) is not list or len(begin) < 3:
        return None
    for state in (paths.WAITING, paths.SENT, paths.LOCAL):
        for name in reversed(spool.names(state)):
            try:
                path = os.path.join(spool.folder(state), name)
                _, other = envelope.unseal(files.read(path, store.MOST_BYTES))
                found = other["fingerprint"]
                is_same = found[: len(begin)] == begin and len(found) > len(begin)
                if is_same and other["release"] == event["release"]:
                    return [*map(str, found)]
            except (OSError, *_BAD_FILE):
                continue
    return None


def _group(event: "dict[str, Any]") -> str:
    """The group of a minimal record."""
    try:
        return fingerprint.group_of(event["fingerprint"], event["release"], event["level"])
    except (KeyError, TypeError):
        return "minimal"


def _why_kept(release: str, dsn: object, *, local_only: bool) -> str | None:
    """The reason why a crash of unknown origin stays on the machine; None if it may leave."""
    if local_only:
        return policy.UNATTRIBUTED
    return policy.why_not("errors", None, version=release, destination=dsn)


def _was_refused(spool: Spool, source: object, moment: float, event_id: str = "-") -> bool:
    """Whether a saved no held when a process died, so that its crash is deleted; the journal tells of it."""
    until = choices.refused_until(os.path.basename(spool.root), "errors", source)
    if not policy.was_refused(moment, until):
        return False
    journal.note(spool.root, "deleted", event_id, policy.explain(policy.RECORDED_UNDER_NO))
    return True


def _ids(spool: Spool) -> set[str]:
    """The event ids of the full reports."""
    parsed = [store.parse_name(name) for state in store.KEPT for name in spool.names(state)]
    return {each[2] for each in parsed if each is not None}


def _native_file(spool: Spool, name: str) -> None:
    path = os.path.join(spool.root, paths.RUNS, name)
    try:
        _native_crashes(spool, path, local_only=name.endswith(paths.NATIVE_LOCAL))
    except OSError:
        return  # gone, or no room for the report: the file stays for the next time
    except _BAD_FILE:
        spool.set_aside(path, "not a file of faulthandler")
    files.remove(path)


def _id_of_native(path: str, number: int) -> str:
    """The event id of a native crash, from the name of its file, so that several readers make one report.

    Args:
        path: The native file.
        number: Which crash in it.
    """
    import hashlib

    name = os.path.basename(path).removesuffix(paths.NATIVE).removesuffix(".local")
    raw = bytearray(hashlib.sha256(f"{name}/{number}".encode()).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    return raw.hex()


def _native_crashes(spool: Spool, path: str, *, local_only: bool) -> None:
    """Make the reports of one native file; it may hold crashes of forked children, too."""
    with open(files.open_to_read(path), "rb") as file:
        first, _, rest = file.read(_MOST_BYTES).partition(b"\n")
        died = os.fstat(file.fileno()).st_mtime
    crashes = native_crash.crashes(rest.decode("utf-8", "replace"))
    header = ast.literal_eval(first.decode("ascii")) if crashes else {}
    if crashes and _was_refused(spool, header.get("telemetry_level_source"), died):
        return
    known = _ids(spool) if crashes else set()
    for number, crash in enumerate(crashes):
        event_id = _id_of_native(path, number)
        if event_id in known:
            continue  # of another reader, which came first
        described = native_crash.describe(
            crash,
            header,
            event_id=event_id,
            timestamp=int(died),
            payload_version=event.PAYLOAD_VERSION,
        )
        reason = _why_kept(str(header["release"]), header["dsn"], local_only=local_only)
        if reason is not None:
            described["contexts"]["crashguard"]["kept_because"] = reason
        scrubbed = scrub.scrub_event(described)
        spool.keep(
            envelope.seal(scrubbed, header["dsn"] if reason is None else None),
            scrubbed["event_id"],
            fingerprint.group_of(scrubbed["fingerprint"], header["release"], scrubbed["level"]),
            int(died * 1000),
            paths.WAITING if reason is None else paths.LOCAL,
        )
        if "metadata" in header:  # an earlier version did not write it
            spool.set_metadata(header["metadata"])
            spool.set_issue_url(header["issue_url"])
        marker = path.removesuffix(paths.NATIVE).removesuffix(".local") + paths.MARKER
        minimal_record.note_in_marker(marker, scrubbed["event_id"])
