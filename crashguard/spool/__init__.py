"""The spool: files in states. A state is a folder, and a file changes its state by a rename.

    store           Spool: the reports of one app
    reports         reading them: StoredReport, lists and look-ups for people and the uploader
    rate_limit      how often one bug is sent from one machine
    journal         what became of each report, one line each
    stats_store     the records of stats of one app
    stats_records   reading them

Reports and records of stats lie in a `Folder` each. Nothing here takes a lock: of two processes that move the
same file, one finds it gone. A file that does not belong there is moved to `broken/`, where people can look
at it; nothing behind a link is touched.
"""

import os
import time

from crashguard import files
from crashguard.paths import BROKEN

# Relay takes the time of arrival for an event that is 30 days old, so that it could not be placed any more.
MOST_SECONDS = 29 * 24 * 3600

# 2022-10-24, when Python 3.11 came out: no file is older. A board without a battery says 1970 until it has
# asked the network; what it recorded before must not be taken for 50 years old after that.
_BEGINNING = 1_666_569_600_000


class Folder:
    """Files of one sort; subclasses say how they are named and how many there may be.

    Args:
        root: The folder; made when the first file is kept, not before.
    """

    sort = ""  # what a file here is, for people: "a report"

    def __init__(self, root: str) -> None:
        self.root = root

    @staticmethod
    def parse(name: str) -> tuple[int, str, str] | None:
        """(milliseconds since 1970, group if any, id) in a file's name; None if it is none of ours."""
        raise NotImplementedError

    @staticmethod
    def bounds() -> tuple[int, int, int]:
        """(files, bytes, bytes of one file) that a state may hold."""
        raise NotImplementedError

    def id_of(self, name: str) -> str:
        """The id in a file's name; a dash where it is none of ours."""
        return (self.parse(name) or (0, "", "-"))[2]

    def folder(self, state: str) -> str:
        """The folder of a state."""
        return os.path.join(self.root, state)

    def names(self, state: str) -> list[str]:
        """The names of the files in a state, oldest first. What does not belong there is set aside."""
        found, partials = [], False
        try:
            entries = list(os.scandir(self.folder(state)))
        except OSError:
            return []
        for entry in entries:
            if files.is_partial(entry.name):
                partials = True
            elif state != BROKEN and (
                self.parse(entry.name) is None or not entry.is_file(follow_symlinks=False)
            ):
                self.set_aside(entry.path, f"not {self.sort} of crashguard")
            else:
                found.append(entry.name)
        if partials:
            files.sweep_partials(self.folder(state))
        return sorted(found)

    def move(self, name: str, state: str, to: str, outcome: str = "", reason: str = "") -> bool:
        """Move a file to another state, and note an outcome in the journal; False where it was gone.

        Its time becomes the time of the move: when it was sent counts, not when it was recorded.
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
        """Move what does not belong here out of the way."""
        target = self.folder(BROKEN)
        try:
            files.private_folder(target)
            if os.utime in os.supports_follow_symlinks:  # not on Windows
                os.utime(path, follow_symlinks=False)
            os.replace(path, os.path.join(target, os.path.basename(path)))
            _note(self.root, "broken", "-", f"{os.path.basename(path)}: {reason}")
        except OSError:
            pass  # it stays where it is and is passed over

    def limit(self, state: str) -> None:
        """Prune a state if it is over a bound; cheap where it is not. Never raises.

        Cuts to a tenth below the bound, so that a storm does not prune at each file.
        """
        most, most_bytes, largest = self.bounds()
        try:
            names = os.listdir(self.folder(state))
        except OSError:
            return
        if any(files.is_partial(name) for name in names):
            names = self.names(state)  # sweeps what killed writers left
        size = 0
        if len(names) * largest > most_bytes:
            size = sum(self._size(state, name) for name in names)
        oldest = self.parse(min(names, default=""))
        is_old = oldest is not None and oldest[0] < (time.time() - MOST_SECONDS) * 1000
        if len(names) > most:
            self.prune(state, most=most - most // 10)
        elif is_old or size > most_bytes:
            self.prune(state)

    def prune(self, state: str, *, now: float | None = None, most: int | None = None) -> int:
        """Hold one state to its bounds; how many files were dropped.

        Too old goes first. Then, oldest first, whatever is neither the first nor the newest of its group;
        then the oldest.
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
        """When it was recorded; where a name cannot tell, when it was last written."""
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


def is_milliseconds(text: str) -> bool:
    """Whether a part of a name is a time."""
    return text.isascii() and text.isdigit() and len(text) < 20


def _note(root: str, outcome: str, event_id: str = "-", reason: str = "") -> None:
    """A line in the journal; a dying process that keeps one report has none to write."""
    from crashguard.spool import journal

    journal.note(root, outcome, event_id, reason)
