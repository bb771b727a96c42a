"""Spool: the folder of one app's reports, in the states that `crashguard.paths` names.

Names are `MILLISECONDS-GROUP-EVENTID.envelope`: age, group (a digest of the fingerprint) and id can be told
without opening a file.
"""

import os

from crashguard import files, report
from crashguard.paths import BROKEN, LOCAL, RECORDING, REJECTED, SENT, WAITING
from crashguard.spool import Folder, is_milliseconds

KEPT = (WAITING, LOCAL, SENT, REJECTED)
STATES = (RECORDING, *KEPT, BROKEN)

SUFFIX = ".envelope"
METADATA = "about"

MOST_REPORTS = 100  # in one state
MOST_BYTES = 20 * 1024 * 1024  # in one state


class Spool(Folder):
    """The reports of one app on this machine.

    Args:
        root: Its folder; made when the first report is kept, not before.
    """

    sort = "a report"

    @staticmethod
    def parse(name: str) -> tuple[int, str, str] | None:
        """(milliseconds, group, event id) in a report's name; None where it is none."""
        return parse_name(name)

    @staticmethod
    def bounds() -> tuple[int, int, int]:
        """(reports, bytes, bytes of one report) that a state may hold."""
        return MOST_REPORTS, MOST_BYTES, report.MOST_ENVELOPE

    def keep(self, data: bytes, event_id: str, group: str, milliseconds: int, state: str) -> str:
        """Write a report durably; return its path. The same event again replaces the one before.

        Raises:
            OSError: It could not be written; the spool is as it was.
        """
        folder = self.folder(state)
        path = os.path.join(folder, f"{milliseconds}-{group}-{event_id}{SUFFIX}")
        files.private_folder(folder)
        files.write(path, data, durable=True)
        return path

    def set_metadata(self, metadata: str) -> None:
        """Leave beside the reports what a reader must know about the app; written once. Never raises."""
        path = os.path.join(self.root, METADATA)
        try:
            if not (os.path.exists(path) and os.path.getsize(path)):
                files.write(path, metadata.encode("utf-8"), durable=False)
        except OSError:
            pass  # the report is there; the next one tries again

    def metadata(self) -> str:
        """What `set_metadata` left, or an empty text."""
        try:
            return files.read(os.path.join(self.root, METADATA), 10_000).decode("utf-8", "replace")
        except OSError:
            return ""

    def withdraw(self) -> int:
        """Delete everything that was recorded to be sent; how many that were."""
        return sum(
            self.discard(name, state, "telemetry level says no")
            for state in (RECORDING, WAITING)
            for name in self.names(state)
        )


def parse_name(name: str) -> tuple[int, str, str] | None:
    """(milliseconds, second part, third part) of a report's name; None where it is none."""
    stem = name.removesuffix(SUFFIX)
    parts = stem.split("-")
    if stem == name or len(parts) != 3 or not is_milliseconds(parts[0]):
        return None
    return int(parts[0]), parts[1], parts[2]


def group_of(name: str) -> str:
    """The group in a report's name; an empty text where it is none."""
    parsed = parse_name(name)
    return parsed[1] if parsed else ""
