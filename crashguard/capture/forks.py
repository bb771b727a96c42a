"""What a process shares with its forked children: the telemetry level in memory, and the files of its run.

A forked child has a copy of the settings. Its parent may call install() again, once it has parsed its command
line, and that child learns of it in no other way. So a fork makes one byte of shared memory, into which only
its owner writes: the index of the telemetry level. No file, descriptor or signal is used.

The native file is locked with a descriptor that the children inherit. The system frees the lock when the last
of them has ended or become another program. Who ends last removes the file: a daemon outlives its parent.

A daemon has a session of its own (`os.setsid()`). In it the run goes on after a clean end of the parent, so
that the marker stays, or is made anew. In a worker it does not: many of them end by `os._exit()`.

This module is imported at the first fork of a process that may send something.
"""

import mmap
import os
import sys

from crashguard import files, paths, processes, telemetry_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.capture.run import Run
    from crashguard.client import Client


def share(client: "Client") -> None:
    """Before a fork: make sure that this process has a byte of its own.

    Args:
        client: The client of this process.
    """
    if client.config is not None and all(pid != os.getpid() for pid, _ in client.shared):
        client.shared.append((os.getpid(), mmap.mmap(-1, 1)))
        tell(client)


def tell(client: "Client") -> None:
    """Write this process's telemetry level for its forked children, and read those of its parents."""
    me = os.getpid()
    if client.config is None:
        return
    client.config.parents = tuple(byte for pid, byte in client.shared if pid != me)
    client.config.hear()
    for pid, byte in client.shared:
        if pid == me:
            byte[0] = telemetry_level.CHOICES.index(client.config.level.value)


def share_run(run: "Run") -> None:
    """Before a fork: lock the native file for the children too, and remember the session. Never raises.

    Without the lock the end of the parent is that of the run.
    """
    try:
        if run.session is None:
            run.session = _session_of()
        if run.native is not None and run.shared is None:
            descriptor = files.move_high(files.open_to_read(run.native))
            processes.lock(descriptor)
            run.shared = descriptor, files.system.fstat(descriptor)
    except OSError:
        pass


def join(marker: str, session: int | None) -> str | None:
    """In a forked child: note in the marker of its parent that the run may go on here.

    Args:
        marker: The marker.
        session: The session of the process that began the run.

    Returns:
        The child's own token, for the names of its files; None where it is not known.

    Raises:
        OSError: There is none, or it cannot be written.
    """
    token = files.process_token()
    joined = f" {paths.FORKED}{token}"
    try:
        if files.system.stat(marker).st_size > paths.MOST_MARKER // 2:
            return None
        files.append(marker, joined.encode(), create=False)
    except FileNotFoundError:
        if session is None or _session_of() == session:
            raise
        files.create(marker, (os.path.basename(marker).partition("-")[0] + joined).encode())
    return token


def has_daemon(marker: str, session: int) -> bool:
    """Whether a run goes on in a child that has left the session of the process which began it.

    Args:
        marker: The run's marker.
        session: That session.
    """
    mine = files.process_token()
    return any(
        processes.fate_of(token, mine) == processes.ALIVE
        and _session_of(int(token.partition("_")[0])) not in (None, session)
        for token in paths.forked(files.read(marker, paths.MOST_MARKER))
    )


def _session_of(pid: int = 0) -> int | None:
    """The session of a process, by default of this one; None where that is not known."""
    if sys.platform == "win32":
        return None  # which has none, and forks nothing
    try:
        return os.getsid(pid)
    except OSError:
        return None  # it has ended meanwhile


def end_child(run: "Run", token: str, native: str | None) -> None:
    """The clean end of a forked child is that of the run, where the parent has ended without a word.

    Args:
        run: The run of the parent.
        token: Of the process that began it.
        native: The native file, which other children may have.
    """
    if run.marker is None or not _is_gone(token) or (native and processes.is_held_by_children(native)):
        return
    if paths.CRASHED.encode() in files.read(run.marker, paths.MOST_MARKER):
        files.move(run.marker, os.path.join(os.path.dirname(run.marker), paths.LAST))
    else:
        files.remove(run.marker)


def is_daemon(token: str, session: int | None) -> bool:
    """Whether a run goes on in this forked child, which outlives who began it, in a session of its own.

    Args:
        token: Of the process that began the run.
        session: Its session.
    """
    return session is not None and _session_of() != session and _is_gone(token)


def _is_gone(token: str) -> bool:
    return processes.fate_of(token, files.process_token()) == processes.GONE


def is_last(native: str, shared: "tuple[int, os.stat_result]") -> bool:
    """Let a native file go; whether no other process of the family has it.

    Args:
        native: The file.
        shared: The descriptor of `share_run`, and what it is open on.
    """
    if files.is_still(*shared):
        files.system.close(shared[0])
    return not processes.is_held_by_children(native)
