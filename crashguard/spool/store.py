"""Spool: the folder of one app's reports, in the states that `crashguard.paths` names.

A file is named `MILLISECONDS-GROUP-EVENTID.envelope`, so that a reader knows age, group (a digest of
fingerprint and version) and id without opening it.
"""

import os

from crashguard import files, report
from crashguard.paths import (
    ABOUT,
    BROKEN,
    ISSUE_URL,
    LAST,
    LOCAL,
    RECORDING,
    REJECTED,
    RUNS,
    SENT,
    STATS,
    WAITING,
)
from crashguard.spool import Folder, is_milliseconds, why_withdrawn

KEPT = (WAITING, LOCAL, SENT, REJECTED)
STATES = (RECORDING, *KEPT, BROKEN)

SUFFIX = ".envelope"

_OF_REPORTS = (ISSUE_URL, "backoff", "resumed")

MOST_REPORTS = 100  # in one state
MOST_BYTES = 20 * 1024 * 1024  # in one state


class Spool(Folder):
    """The reports of one app on this machine.

    Args:
        root: Its folder; made when the first report is kept.
    """

    sort = "a report"

    @staticmethod
    def parse(name: str) -> tuple[int, str, str] | None:
        """(milliseconds, group, event id) in a report's name; None for another name."""
        return parse_name(name)

    @staticmethod
    def bounds() -> tuple[int, int, int]:
        """(reports, bytes, bytes of one report) that a state may hold."""
        return MOST_REPORTS, MOST_BYTES, report.MOST_ENVELOPE

    def keep(self, data: bytes, event_id: str, group: str, milliseconds: int, state: str) -> str:
        """Write a report durably and return its path. A file of the same name is replaced.

        Raises:
            OSError: It could not be written; the spool is unchanged.
        """
        folder = self.folder(state)
        path = os.path.join(folder, f"{milliseconds}-{group}-{event_id}{SUFFIX}")
        files.state_folder(folder)
        files.write(path, data, durable=True)
        return path

    def set_metadata(self, metadata: str) -> None:
        """Write the app's metadata beside its reports, unless it is there. Never raises.

        Args:
            metadata: What the installed version of the tool says of its telemetry level
                (`telemetry_level.describe`).
        """
        if self.metadata() == metadata:
            return
        try:
            files.write(os.path.join(self.root, ABOUT), metadata.encode("utf-8"), durable=False)
        except OSError:
            pass  # the report is kept all the same; the next one tries again

    def moved_away(self) -> list[str]:
        """The paths of what lay in the place of a folder or file of this spool, and was moved away."""
        from crashguard.spool import journal

        ours = (*STATES, RUNS, "suppressed", *STATS, *journal.NAMES, LAST)
        begins = tuple(f"{name}." for name in ours)
        return [os.path.join(self.root, name) for name in files.names(self.root) if name.startswith(begins)]

    def forget(self) -> None:
        """After a no: remove what tells of crashes, where no report is left. Never raises.

        The journal stays where something has left this machine, or was on its way. `about` stays: it names
        the tool's variable, and a no in that one must count under a later version that names another.
        """
        from crashguard.spool import journal, lock

        if not all(files.is_empty(self.folder(state)) for state in STATES):
            return
        try:
            with lock.Lock(self.root) as mine:
                if not mine:
                    return  # its outcome is still to be noted
                names = [*_OF_REPORTS, lock.NAME]
                if not any(map(journal.tells_of_sending, journal.entries(self.root))):
                    names += journal.NAMES
                for name in names:
                    files.remove(os.path.join(self.root, name))
        except OSError:
            return  # the folder is gone
        for name in (*STATES, "suppressed", RUNS):
            files.remove_empty(self.folder(name), most=1)
        files.remove_empty(self.root, most=2)

    def metadata(self) -> str:
        """The app's metadata; an empty text where there is none."""
        try:
            return files.read(os.path.join(self.root, ABOUT), 10_000).decode("utf-8", "replace")
        except OSError:
            return ""

    def set_issue_url(self, issue_url: str | None) -> None:
        """Write where the app's issues go, for the command; None removes it. Never raises."""
        path = os.path.join(self.root, ISSUE_URL)
        try:
            if issue_url is None:
                files.remove(path)
            elif self.issue_url() != issue_url:
                files.write(path, issue_url.encode("ascii"), durable=False)
        except OSError:
            pass  # as above

    def issue_url(self) -> str | None:
        """Where the app's issues go; None where it did not say."""
        try:
            return files.read(os.path.join(self.root, ISSUE_URL), 1000).decode("ascii")
        except (OSError, ValueError):
            return None

    def withdraw(self) -> int:
        """Delete the reports and minimal records that wait to be sent; how many were deleted."""
        reason = why_withdrawn(self.root)
        return sum(
            self.discard(name, state, reason) for state in (RECORDING, WAITING) for name in self.names(state)
        )


def parse_name(name: str) -> tuple[int, str, str] | None:
    """(milliseconds, second part, third part) of a report's name; None for another name."""
    stem = name.removesuffix(SUFFIX)
    parts = stem.split("-")
    if stem == name or len(parts) != 3 or not is_milliseconds(parts[0]):
        return None
    return int(parts[0]), parts[1], parts[2]


def group_of(name: str) -> str:
    """The group in a report's name; an empty text for another name."""
    parsed = parse_name(name)
    return parsed[1] if parsed else ""
