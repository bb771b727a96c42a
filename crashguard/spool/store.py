"""Spool: the folder of one app's reports, and the moves between its states.

A report is in one state, a folder (`crashguard.paths` names them); it moves by rename. Nothing here takes a
lock: `keep` runs in dying processes, and of two readers that move the same file one finds it gone.

Names are `MILLISECONDS-GROUP-EVENTID.envelope`: age, group (a digest of the fingerprint) and id can be told
without opening a file.
"""

import os
import time

from crashguard import files, report
from crashguard.paths import BROKEN, LOCAL, RECORDING, REJECTED, SENT, WAITING
from crashguard.spool import journal

KEPT = (WAITING, LOCAL, SENT, REJECTED)
STATES = (RECORDING, *KEPT, BROKEN)

SUFFIX = ".envelope"
METADATA = "about"

MOST_REPORTS = 100  # in one state
MOST_BYTES = 20 * 1024 * 1024  # in one state
# Relay takes the time of arrival for an event that is 30 days old, so that it could not be placed any more.
MOST_SECONDS = 29 * 24 * 3600
# 2022-10-24, when Python 3.11 came out: no report is older. A board without a battery says 1970 until it has
# asked the network; what it recorded before must not be taken for 50 years old after that.
_BEGINNING = 1_666_569_600_000
_HEADROOM = 10  # reports that a storm may add before they are counted again


class Spool:
    """The reports of one app on this machine.

    Args:
        root: Its folder; made when the first report is kept, not before.
    """

    def __init__(self, root: str) -> None:
        self.root = root

    def folder(self, state: str) -> str:
        """The folder of a state."""
        return os.path.join(self.root, state)

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

    def names(self, state: str) -> list[str]:
        """The names of the reports in a state, oldest first. What is no report is set aside."""
        found, partials = [], False
        try:
            entries = list(os.scandir(self.folder(state)))
        except OSError:
            return []
        for entry in entries:
            if files.is_partial(entry.name):
                partials = True
            elif state != BROKEN and (
                parse_name(entry.name) is None or not entry.is_file(follow_symlinks=False)
            ):
                self.set_aside(entry.path, "not a report of crashguard")
            else:
                found.append(entry.name)
        if partials:
            files.sweep_partials(self.folder(state))
        return sorted(found)

    def move(self, name: str, state: str, to: str, outcome: str, reason: str = "") -> bool:
        """Move a report to another state and note it in the journal; False where it was gone.

        Its file's time becomes the time of the move: when it was sent counts, not when it was recorded.
        """
        source, target = os.path.join(self.folder(state), name), self.folder(to)
        try:
            os.utime(source)
        except OSError:
            pass  # then it counts from when it was recorded
        try:
            files.private_folder(target)
            os.replace(source, os.path.join(target, name))
        except OSError:
            return False
        journal.note(self.root, outcome, _id_of(name), reason)
        return True

    def discard(self, name: str, state: str, reason: str) -> bool:
        """Delete a report and note it in the journal; False where it was gone."""
        gone = files.remove(os.path.join(self.folder(state), name))
        if gone:
            journal.note(self.root, "deleted", _id_of(name), reason)
        return gone

    def set_aside(self, path: str, reason: str) -> None:
        """Move what is no report out of the way, where people can look at it."""
        target = self.folder(BROKEN)
        try:
            files.private_folder(target)
            if os.utime in os.supports_follow_symlinks:  # not on Windows
                os.utime(path, follow_symlinks=False)
            os.replace(path, os.path.join(target, os.path.basename(path)))
            journal.note(self.root, "broken", "-", f"{os.path.basename(path)}: {reason}")
        except OSError:
            pass  # it stays where it is and is passed over

    def withdraw(self) -> int:
        """Delete everything that was recorded to be sent; how many that were."""
        return sum(
            self.discard(name, state, "telemetry level says no")
            for state in (RECORDING, WAITING)
            for name in self.names(state)
        )

    def limit(self, state: str) -> None:
        """Prune a state if it is over a bound; cheap where it is not. Never raises.

        Cuts below the bound, so that a storm of crashes does not prune at each of them.
        """
        folder = self.folder(state)
        try:
            names = os.listdir(folder)
            if any(files.is_partial(name) for name in names):
                names = self.names(state)  # sweeps what killed writers left
            size = 0
            if len(names) * report.MOST_ENVELOPE > MOST_BYTES:
                size = sum(self._size(state, name) for name in names)
        except OSError:
            return
        oldest = min(names, default="").partition("-")[0]
        is_old = _is_milliseconds(oldest) and int(oldest) < (time.time() - MOST_SECONDS) * 1000
        if len(names) > MOST_REPORTS:
            self.prune(state, most=MOST_REPORTS - _HEADROOM)
        elif is_old or size > MOST_BYTES:
            self.prune(state)

    def prune(self, state: str, *, now: float | None = None, most: int = MOST_REPORTS) -> int:
        """Hold one state to its bounds; how many reports were dropped.

        Too old goes first. Then, oldest first, whatever is neither the first nor the newest of its group;
        then the oldest.
        """
        now = time.time() if now is None else now
        names = self.names(state)
        ages = {name: self._milliseconds(state, name, now) for name in names}
        names.sort(key=lambda name: (ages[name], name))
        drop = [name for name in names if ages[name] < (now - MOST_SECONDS) * 1000]
        kept = names[len(drop) :]
        sizes = {name: self._size(state, name) for name in kept}
        first: dict[str, str] = {}
        newest: dict[str, str] = {}
        for name in kept:
            first.setdefault(group_of(name), name)
            newest[group_of(name)] = name
        precious = {*first.values(), *newest.values()}
        order = [name for name in kept if name not in precious] + [name for name in kept if name in precious]
        total = sum(sizes.values())
        for name in order:
            if len(sizes) <= most and total <= MOST_BYTES:
                break
            total -= sizes.pop(name)
            drop.append(name)
        gone = sum(files.remove(os.path.join(self.folder(state), name)) for name in drop)
        if gone:
            journal.note(self.root, "pruned", reason=f"{gone} in {state}: over the spool's bounds")
        return gone

    def _milliseconds(self, state: str, name: str, now: float) -> int:
        """When it was recorded; where a name cannot tell, when it was last written."""
        parsed = parse_name(name)
        if parsed is not None and parsed[0] >= _BEGINNING:
            return parsed[0]
        try:
            written = int(os.lstat(os.path.join(self.folder(state), name)).st_mtime * 1000)
        except OSError:
            return 0
        return written if parsed is None or written >= _BEGINNING else int(now * 1000)

    def _size(self, state: str, name: str) -> int:
        try:
            return os.lstat(os.path.join(self.folder(state), name)).st_size
        except OSError:
            return 0


def parse_name(name: str) -> tuple[int, str, str] | None:
    """(milliseconds, second part, third part) of a report's name; None where it is none."""
    stem = name.removesuffix(SUFFIX)
    parts = stem.split("-")
    if stem == name or len(parts) != 3 or not _is_milliseconds(parts[0]):
        return None
    return int(parts[0]), parts[1], parts[2]


def _is_milliseconds(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def group_of(name: str) -> str:
    """The group in a report's name; an empty text where it is none."""
    parsed = parse_name(name)
    return parsed[1] if parsed else ""


def _id_of(name: str) -> str:
    parsed = parse_name(name)
    return parsed[2] if parsed else "-"
