"""What a process shares with its forked children: the telemetry level in memory, and its native file.

A forked child has a copy of the settings. Its parent may call install() again, once it has parsed its command
line, and that child learns of it in no other way. So a fork makes one byte of shared memory, into which only
its owner writes: the index of the telemetry level. No file, descriptor or signal is used.

The native file is locked with a descriptor that the children inherit. The system frees the lock when the last
of them has ended or become another program. Who ends last removes the file: a daemon outlives its parent.

This module is imported at the first fork of a process that may send something.
"""

import mmap
import os

from crashguard import files, processes, telemetry_level

TYPE_CHECKING = False
if TYPE_CHECKING:
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


def share_file(native: str) -> "tuple[int, os.stat_result] | None":
    """Before a fork: lock the native file for the children too. Never raises.

    Returns:
        The descriptor and what it is open on, for `is_last`; None where that is impossible. Then the end of
        the parent is that of the run.
    """
    try:
        descriptor = files.move_high(files.open_to_read(native))
        processes.lock(descriptor)
        return descriptor, files.system.fstat(descriptor)
    except OSError:
        return None


def is_last(native: str, shared: "tuple[int, os.stat_result]") -> bool:
    """Let a native file go; whether no other process of the family has it.

    Args:
        native: The file.
        shared: The descriptor of `share_file`, and what it is open on.
    """
    if files.is_still(*shared):
        files.system.close(shared[0])
    return not processes.is_held_by_children(native)
