"""Spool: the folder of one app's reports, and the moves between its states.

    recording/   minimal records of processes that are dying right now (written by `lastwords`)
    waiting/     recorded with consent, to be sent
    local/       never to be sent: no destination, a plugin that is not official, a development build
    sent/        what left the machine, as it left
    rejected/    what a server refused for good
    broken/      what is no report: foreign, damaged or unreadable files

A report is in one of them; it moves by rename. Nothing here takes a lock: `keep` runs in dying processes,
and two readers that move the same file both succeed or one of them finds it gone.

Names are `MILLISECONDS-KIND-EVENTID.envelope`: age, kind (a digest of the fingerprint) and id can be told
without opening a file.

Must live here: states, names, bounds. Must not be known here: what is in an envelope.
"""

import os
import time

from crashguard import lastwords
from crashguard.spool import files, journal

RECORDING = lastwords.RECORDING
WAITING = lastwords.WAITING
LOCAL = lastwords.LOCAL
SENT = "sent"
REJECTED = "rejected"
BROKEN = "broken"
STATES = (RECORDING, WAITING, LOCAL, SENT, REJECTED, BROKEN)

SUFFIX = ".envelope"
ABOUT = "about"

MOST_REPORTS = 100  # in one state
MOST_BYTES = 20 * 1024 * 1024  # in one state
# Relay takes the time of arrival for an event that is 30 days old, so that it could not be placed any more.
MOST_SECONDS = 29 * 24 * 3600
_ABANDONED = 600  # seconds after which a partial file or a record of an unknown process belongs to nobody


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

    def keep(self, data: bytes, event_id: str, kind: str, milliseconds: int, state: str) -> str:
        """Write a report durably; return its path. The same event again replaces the one before.

        Raises:
            OSError: It could not be written; the spool is as it was.
        """
        folder = self.folder(state)
        path = os.path.join(folder, f"{milliseconds}-{kind}-{event_id}{SUFFIX}")
        try:
            files.write_durably(path, data)
        except FileNotFoundError:
            files.private_folder(folder)
            files.write_durably(path, data)
        return path

    def describe(self, about: str) -> None:
        """Leave beside the reports what a reader must know about the app; written once."""
        path = os.path.join(self.root, ABOUT)
        if not os.path.exists(path):
            files.write_durably(path, about.encode("utf-8"))

    def about(self) -> str:
        """What `describe` left, or an empty text."""
        try:
            with open(os.path.join(self.root, ABOUT), encoding="utf-8", errors="replace") as file:
                return file.read(10_000)
        except OSError:
            return ""

    def names(self, state: str) -> list[str]:
        """The names of the reports in a state, oldest first. What is no report is set aside."""
        found = []
        try:
            entries = list(os.scandir(self.folder(state)))
        except OSError:
            return []
        for entry in entries:
            if entry.name[0] == "." and entry.name.endswith(".partial"):
                self._sweep_partial(entry)
            elif state != BROKEN and (
                parse_name(entry.name) is None or not entry.is_file(follow_symlinks=False)
            ):
                self.set_aside(entry.path, "not a report of crashguard")
            else:
                found.append(entry.name)
        return sorted(found)

    def move(self, name: str, state: str, to: str, outcome: str, reason: str = "") -> bool:
        """Move a report to another state and note it in the journal; False where it was gone."""
        target = self.folder(to)
        try:
            files.private_folder(target)
            os.rename(os.path.join(self.folder(state), name), os.path.join(target, name))
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
            os.rename(path, os.path.join(target, os.path.basename(path)))
            journal.note(self.root, "broken", "-", f"{os.path.basename(path)}: {reason}")
        except OSError:
            pass  # it stays where it is and is passed over

    def withdraw(self) -> int:
        """Delete everything that was recorded to be sent: a no does not leave yesterday's yes waiting."""
        return sum(
            self.discard(name, state, "telemetry level says no")
            for state in (RECORDING, WAITING)
            for name in self.names(state)
        )

    def settle(self) -> None:
        """Take over the minimal records of processes that died before they could say more."""
        for name in self.names(RECORDING):
            milliseconds, middle, last = parse_name(name) or (0, "", "")
            pid, _, local = last.partition(".")
            if not _is_gone(pid, milliseconds / 1000):
                continue
            # The name gains a kind and loses the pid, the mark ".local" becomes the state.
            target = os.path.join(
                self.folder(LOCAL if local else WAITING), f"{milliseconds}-minimal-{middle}{SUFFIX}"
            )
            try:
                files.private_folder(os.path.dirname(target))
                os.rename(os.path.join(self.folder(RECORDING), name), target)
            except OSError:
                continue

    def limit(self, state: str) -> None:
        """Prune a state if it has grown over the bound of numbers; cheap where it has not."""
        if len(os.listdir(self.folder(state))) > MOST_REPORTS:
            self.prune(state)

    def prune(self, state: str, *, now: float | None = None) -> int:
        """Hold one state to its bounds; how many reports were dropped.

        Too old goes first. Then, oldest first, whatever is neither the first nor the newest of its kind;
        then the oldest.
        """
        now = time.time() if now is None else now
        names = self.names(state)
        drop = [name for name in names if _milliseconds(name) < (now - MOST_SECONDS) * 1000]
        kept = names[len(drop) :]
        sizes = {name: self._size(state, name) for name in kept}
        first: dict[str, str] = {}
        newest: dict[str, str] = {}
        for name in kept:
            first.setdefault(_kind_of(name), name)
            newest[_kind_of(name)] = name
        precious = {*first.values(), *newest.values()}
        order = [name for name in kept if name not in precious] + [name for name in kept if name in precious]
        total = sum(sizes.values())
        for name in order:
            if len(sizes) <= MOST_REPORTS and total <= MOST_BYTES:
                break
            total -= sizes.pop(name)
            drop.append(name)
        return sum(self.discard(name, state, "over the spool's bounds") for name in drop)

    def _size(self, state: str, name: str) -> int:
        try:
            return os.lstat(os.path.join(self.folder(state), name)).st_size
        except OSError:
            return 0

    def _sweep_partial(self, entry: "os.DirEntry[str]") -> None:
        try:
            if entry.stat(follow_symlinks=False).st_mtime < time.time() - _ABANDONED:
                files.remove(entry.path)
        except OSError:
            pass


def parse_name(name: str) -> tuple[int, str, str] | None:
    """(milliseconds, second part, third part) of a report's name; None where it is none."""
    stem = name.removesuffix(SUFFIX)
    parts = stem.split("-")
    if stem == name or len(parts) != 3 or not parts[0].isdigit() or not parts[0].isascii():
        return None
    return int(parts[0]), parts[1], parts[2]


def _milliseconds(name: str) -> int:
    parsed = parse_name(name)
    return parsed[0] if parsed else 0


def _kind_of(name: str) -> str:
    parsed = parse_name(name)
    return parsed[1] if parsed else ""


def _id_of(name: str) -> str:
    parsed = parse_name(name)
    return parsed[2] if parsed else "-"


def _is_gone(pid: str, recorded: float) -> bool:
    """Whether the process that wrote a minimal record is dead: its pid is free or was given again."""
    if not pid.isdigit():
        return True
    import psutil

    try:
        return psutil.Process(int(pid)).create_time() > recorded
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return time.time() - recorded > _ABANDONED
