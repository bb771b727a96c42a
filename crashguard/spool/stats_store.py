"""Records of stats in an app's spool: a folder for each kind, one file a record.

    APP/stats-anonymous/   waiting/  sent/  rejected/  broken/
    APP/stats-identified/  the same

A file `MILLISECONDS-ID.jsonl` is two lines of JSON: the header (destination, telemetry level), then the
message, byte for byte as it leaves. Unlike a crash report it is not fsynced: that takes longer than the whole
record, and a number that a power cut takes is no loss.
"""

import os
import time

from crashguard import files, paths
from crashguard.paths import BROKEN, REJECTED, SENT, WAITING
from crashguard.spool import Folder, is_milliseconds, journal, why_withdrawn

ANONYMOUS, IDENTIFIED = KINDS = ("anonymous", "identified")
STATES = (WAITING, SENT, REJECTED, BROKEN)

SUFFIX = ".jsonl"
MOST_RECORDS = 1000  # in one state of one kind
MOST_BYTES = 4 * 1024 * 1024
MOST_MESSAGE = 32 * 1024  # Segment answers 400 to more, and so do servers that do as it does
_MOST_HEADER = 1024
_LOOK_EVERY = 64  # records between two looks at bytes and age


class Records(Folder):
    """The records of one kind of an app.

    Args:
        spool: The app's spool.
        kind: `anonymous` or `identified`.
    """

    sort = "a record"

    def __init__(self, spool: str, kind: str) -> None:
        super().__init__(os.path.join(spool, dict(zip(KINDS, paths.STATS, strict=True))[kind]))
        self.kind = kind

    @staticmethod
    def parse(name: str) -> tuple[int, str, str] | None:
        """(milliseconds, no group, message id without its dashes) in a record's name."""
        milliseconds, _, message_id = name.removesuffix(SUFFIX).partition("-")
        if not name.endswith(SUFFIX) or not is_milliseconds(milliseconds):
            return None
        return (int(milliseconds), "", message_id) if len(message_id) == 32 and message_id.isalnum() else None

    @staticmethod
    def bounds() -> tuple[int, int, int]:
        """(records, bytes, bytes of one record) that a state may hold."""
        return MOST_RECORDS, MOST_BYTES, MOST_MESSAGE + _MOST_HEADER

    def keep(self, data: bytes, message_id: str) -> None:
        """Write a record that is to be sent.

        Args:
            data: The file's content.
            message_id: The id of its message.

        Raises:
            OSError: It could not be written.
        """
        name = f"{time.time_ns() // 1_000_000}-{message_id.replace('-', '')}{SUFFIX}"
        files.state_folder(self.root)
        files.state_folder(self.folder(WAITING))
        files.write(os.path.join(self.folder(WAITING), name), data, durable=False)
        count = len(os.listdir(self.folder(WAITING)))
        if count > MOST_RECORDS or count % _LOOK_EVERY == 0:
            self.limit(WAITING)

    def delete(self, state: str, reason: str) -> int:
        """Delete the records of a state, with one line in the journal; how many that were."""
        gone = sum(files.remove(os.path.join(self.folder(state), name)) for name in self.names(state))
        if gone:
            journal.note(self.root, "deleted", reason=f"{gone} in {state}: {reason}")
        return gone


def of_app(spool: str) -> list[Records]:
    """The records of an app, by kind."""
    return [Records(spool, kind) for kind in KINDS]


def withdraw(spool: str) -> int:
    """Delete the records that wait, because the telemetry level says no now; how many were deleted."""
    return sum(records.delete(WAITING, why_withdrawn(records.root)) for records in of_app(spool))
