"""The spool: files in states. A state is a folder, and a rename moves a file from state to state.

    store           Spool: the reports of one app
    reports         reading them: StoredReport, lists and look-ups for the command and the uploader
    rate_limit      how often reports of one group are sent from one machine
    lock            one sender for each folder
    journal         the outcome of each report, one line each
    stats_store     the records of stats of one app
    stats_records   reading them

Reports and records of stats lie in a `Folder` each. The spool needs no lock: of two processes that move the
same file, one finds it gone. A file that does not belong to the spool is moved to `broken/`, where people can
look at it. Links are not followed.
"""

import os
import time

from crashguard import files
from crashguard.paths import BROKEN

# Relay replaces the time of an event that is 30 days old by its time of arrival.
MOST_SECONDS = 29 * 24 * 3600
_AT_ONCE = 100  # files that a process deletes that is about to end

# 2022-10-24, the release of Python 3.11: no file is older. The clock of a board without a battery says 1970
# until it reaches the network; its earlier reports must not count as 50 years old after that.
_BEGINNING = 1_666_569_600_000


class Folder:
    """Files of one sort; subclasses define their names and bounds.

    Args:
        root: The folder; made when the first file is kept.
    """

    sort = ""  # the noun for a file in it: "a report"

    def __init__(self, root: str) -> None:
        self.root = root

    @staticmethod
    def parse(name: str) -> tuple[int, str, str] | None:
        """(milliseconds since 1970, group or "", id) in a file's name; None for a foreign file."""
        raise NotImplementedError

    @staticmethod
    def bounds() -> tuple[int, int, int]:
        """(files, bytes, bytes of one file) that a state may hold."""
        raise NotImplementedError

    def id_of(self, name: str) -> str:
        """The id in a file's name; a dash for a foreign file."""
        return (self.parse(name) or (0, "", "-"))[2]

    def folder(self, state: str) -> str:
        """The folder of a state."""
        return os.path.join(self.root, state)

    def names(self, state: str) -> list[str]:
        """The names of the files in a state, oldest first. Foreign files are set aside."""
        found, partials = [], False
        if not files.is_own_folder(self.folder(state)):
            return []
        try:
            entries = list(os.scandir(self.folder(state)))
        except OSError:
            return []
        for entry in entries:
            if files.is_partial(entry.name):
                partials = True
            elif state != BROKEN and (self.parse(entry.name) is None or not _is_own_file(entry)):
                self.set_aside(entry.path, f"not {self.sort} of crashguard")
            else:
                found.append(entry.name)
        if partials:
            files.sweep_partials(self.folder(state))
        return sorted(found)

    def move(self, name: str, state: str, to: str, outcome: str = "", reason: str = "") -> bool:
        """Move a file to another state, and note an outcome in the journal; False where it was gone.

        The file's time becomes the time of the move, so that the rate limit counts from sending.
        """
        source, target = os.path.join(self.folder(state), name), self.folder(to)
        try:
            os.utime(source)
        except OSError:
            pass  # then the rate limit counts from recording
        try:
            files.state_folder(target)
            files.move(source, os.path.join(target, name))
        except OSError:
            return False
        if outcome:
            _note(self.root, outcome, self.id_of(name), reason)
        return True

    def discard(self, name: str, state: str, reason: str) -> bool:
        """Delete a file and note it in the journal; False where it was gone."""
        gone = files.remove(os.path.join(self.folder(state), name))
        if gone:
            _note(self.root, "deleted", self.id_of(name), reason)
        return gone

    def set_aside(self, path: str, reason: str) -> None:
        """Move a foreign or damaged file to `broken/`."""
        target = self.folder(BROKEN)
        try:
            files.state_folder(target)
            if os.utime in os.supports_follow_symlinks and files.is_own(os.lstat(path)):  # not on Windows
                os.utime(path, follow_symlinks=False)
            files.move(path, os.path.join(target, os.path.basename(path)))
            _note(self.root, "broken", "-", f"{os.path.basename(path)}: {reason}")
        except OSError:
            pass  # it stays where it is and is ignored

    def limit(self, state: str) -> None:
        """Prune a state if it is over a bound; cheap where it is not. Never raises.

        It prunes to a tenth below the bound, so that a storm of crashes does not prune at each file. A
        process that dies calls this, so of far too many files it deletes some: each crash, the uploader and
        the command go on with it.
        """
        most, most_bytes, largest = self.bounds()
        names = files.names(self.folder(state))
        if len(names) > most + _AT_ONCE:
            self._delete_some(state, [name for name in names if name[:1] != "."])  # no partial files
            return
        if any(files.is_partial(name) for name in names):
            names = self.names(state)  # removes old partial files
        size = 0
        if len(names) * largest > most_bytes:
            size = sum(self._size(state, name) for name in names)
        oldest = self.parse(min(names, default=""))
        is_old = oldest is not None and oldest[0] < (time.time() - MOST_SECONDS) * 1000
        if len(names) > most:
            self.prune(state, most=most - most // 10)
        elif is_old or size > most_bytes:
            self.prune(state)

    def _delete_some(self, state: str, names: list[str]) -> None:
        oldest = names[: 2 * _AT_ONCE]
        precious = self._precious(oldest)
        oldest.sort(key=lambda name: name in precious)
        gone = sum(files.remove(os.path.join(self.folder(state), name)) for name in oldest[:_AT_ONCE])
        _note(self.root, "pruned", reason=f"{gone} in {state}: far over the bounds")

    def prune(self, state: str, *, now: float | None = None, most: int | None = None) -> int:
        """Delete files of a state that is over its bounds; how many were deleted.

        First files that are too old; then, oldest first, files that are neither the first nor the newest of
        their group; then the oldest.
        """
        now = time.time() if now is None else now
        most_files, most_bytes, _ = self.bounds()
        most = most_files if most is None else most
        names = self.names(state)
        ages = {name: self._milliseconds(state, name, now) for name in names}
        names.sort(key=lambda name: (ages[name], name))
        drop = [name for name in names if ages[name] < (now - MOST_SECONDS) * 1000]
        kept = names[len(drop) :]
        sizes = {name: self._size(state, name) for name in kept}
        precious = self._precious(kept)
        order = [name for name in kept if name not in precious] + [name for name in kept if name in precious]
        total = sum(sizes.values())
        for name in order:
            if len(sizes) <= most and total <= most_bytes:
                break
            total -= sizes.pop(name)
            drop.append(name)
        gone = sum(files.remove(os.path.join(self.folder(state), name)) for name in drop)
        if gone:
            _note(self.root, "pruned", reason=f"{gone} in {state}: over the bounds")
        return gone

    def _precious(self, names: list[str]) -> set[str]:
        """The first and the newest file of each group."""
        first: dict[str, str] = {}
        newest: dict[str, str] = {}
        for name in names:
            _, group, _ = self.parse(name) or (0, "", "")
            if group:
                first.setdefault(group, name)
                newest[group] = name
        return {*first.values(), *newest.values()}

    def _milliseconds(self, state: str, name: str, now: float) -> int:
        """When a file was recorded, by its name; else when it was last written."""
        parsed = self.parse(name)
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


def _is_own_file(entry: "os.DirEntry[str]") -> bool:
    """Whether it is a regular file of this user; true where it is gone meanwhile."""
    try:
        return entry.is_file(follow_symlinks=False) and files.is_own(entry.stat(follow_symlinks=False))
    except OSError:
        return True


def is_milliseconds(text: str) -> bool:
    """Whether a part of a name is a time."""
    return text.isascii() and text.isdigit() and len(text) < 20


def why_withdrawn(root: str) -> str:
    """The reason for the journal, where the telemetry level deletes what waits in a folder."""
    from crashguard.spool import lock

    reason = "telemetry level says no"
    return f"{reason}, while a process was sending: it may have left" if lock.is_held(root) else reason


def _note(root: str, outcome: str, event_id: str = "-", reason: str = "") -> None:
    """Add a line to the journal. The import is here because a dying process that keeps a report adds none."""
    from crashguard.spool import journal

    journal.note(root, outcome, event_id, reason)
