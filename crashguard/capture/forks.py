"""The telemetry level of a process in memory that its forked children share, so that they hear of a later no.

A forked child has a copy of the settings. Its parent may call install() again, once it has parsed its command
line, and that child learns of it in no other way. So a fork makes one byte of shared memory, into which only
its owner writes: the index of the telemetry level. No file, descriptor or signal is used.

This module is imported at the first fork of a process that may send something.
"""

import mmap
import os

from crashguard import telemetry_level

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
