"""Until when a no held, so that a later yes releases nothing that was recorded before it.

A run that goes on does not notice that somebody saves a no. What it leaves behind then (a native crash, a
minimal record) is found by a later run, perhaps after a yes has replaced the no. So whoever replaces a saved
no by a yes notes the moment in `refused-until`, beside the choice: what is older does not leave.

    errors 1772366400.123 0.000           kind of data, until when it was refused, until when the file above
                                          has no say (only in the folder of one app)
    stats 1772366400.123 0.000 final      of the machine's choice: it held against every other source

A choice that somebody wrote by hand replaced nobody knows what. It counts from the moment at which its file
was changed, and so does the removal of one. Only a sender, and the command, import this module.
"""

import os
import time

from crashguard import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "refused-until"
KINDS = ("errors", "stats")
WEAKEST, SAVED, OF_RUN = range(3)

_FINAL = "final"
_MOST_BYTES = 500
# Seconds between a choice's date and the last change of its file, where a command has written both.
_AT_ONCE = 5.0
_AHEAD = 60.0  # seconds by which a clock may be ahead of another


def _put(path: str, data: bytes) -> None:
    files.write(path, data, durable=True)


def note(
    folder: str,
    what: str,
    until: float,
    *,
    above: float = 0.0,
    final: bool = False,
    put: "Callable[[str, bytes], None]" = _put,
) -> None:
    """Write down until when a kind of data was refused.

    Args:
        folder: The folder of the choice.
        what: `errors` or `stats`.
        until: In seconds since 1970.
        above: Until when the choice for all tools did not concern this app.
        final: Of the machine's choice, whether it was final.
        put: Writes the file.

    Raises:
        OSError: It cannot be written.
    """
    found = {**_marks(folder), (what, final): (until, above)}
    lines = [
        f"{kind} {moment:.3f} {since:.3f}{' ' + _FINAL if is_final else ''}\n"
        for (kind, is_final), (moment, since) in sorted(found.items())
    ]
    put(os.path.join(folder, NAME), "".join(lines).encode("ascii"))


def until(app: str, what: str, source: int) -> float:
    """The moment, in seconds since 1970, up to which what was recorded must not leave; 0 for none.

    Args:
        app: The tool.
        what: `errors` or `stats`.
        source: Where the yes came from under which it was recorded: WEAKEST (the machine's choice or the
            default), SAVED, or OF_RUN (the flag or a variable). A no counts against what is weaker than it.
            A final one of the machine counts against all.
    """
    machine = _marks(paths.machine_dir())
    # Of one that was written by hand nobody knows either whether the one before was final.
    moments = [machine.get((what, True), (0.0, 0.0))[0], _changed_by_hand(paths.machine_dir())]
    folder = paths.config_dir(to_read=True)
    if source == WEAKEST:
        moments.append(machine.get((what, False), (0.0, 0.0))[0])
    if source != OF_RUN and folder is not None:
        own, above = _marks(os.path.join(folder, app)).get((what, False), (0.0, 0.0))
        everywhere = _marks(folder).get((what, False), (0.0, 0.0))[0]
        # On Windows and macOS reports lie in the same folders, whose dates they change.
        is_alone = folder != paths.state_dir()
        by_hand = _changed_by_hand(os.path.join(folder, app), folder, also_removed=is_alone)
        moments += [own, everywhere if everywhere > above else 0.0, by_hand]
    return max(moments)


def is_refused(moment: float, limit: float) -> bool:
    """Whether something is too old to leave. A time in the future tells nothing, so that it may not.

    Args:
        moment: When it was recorded, in seconds since 1970.
        limit: The answer of `until()`.
    """
    return limit > 0 and (moment <= limit or moment > time.time() + _AHEAD)


def _marks(folder: str) -> dict[tuple[str, bool], tuple[float, float]]:
    """What the file of a folder says, by kind and finality. A damaged one refuses what is older than it."""
    path = os.path.join(folder, NAME)
    try:
        lines = files.read(path, _MOST_BYTES).decode("ascii").splitlines()
        found = {}
        for line in lines:
            kind, until, above, *rest = line.split()
            if kind not in KINDS or rest not in ([], [_FINAL]):
                raise ValueError(line)
            found[kind, bool(rest)] = (float(until), float(above))
        return found
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        moment = _changed(path)
        return {(kind, is_final): (moment, 0.0) for kind in KINDS for is_final in (False, True)}


def _changed_by_hand(*folders: str, also_removed: bool = True) -> float:
    """When a choice was changed or removed by hand; 0 where commands did it all, or there was none.

    Where a folder of choices holds none, its last change was the removal of one, if a command has not just
    saved the choice for all tools, which removes those for single ones.

    Args:
        folders: The folders in which the choice may lie; the first one that holds it counts.
        also_removed: Whether they hold choices alone, so that their dates tell of a removal.
    """
    from datetime import datetime

    removed = 0.0
    for folder in folders:
        path = os.path.join(folder, paths.CHOICE)
        try:
            words = files.read(path, _MOST_BYTES, links=True).decode("ascii", "replace").split()
        except OSError:
            removed = max(removed, _changed(folder) if also_removed else 0.0)
            continue
        changed = _changed(path)
        try:
            dated = datetime.fromisoformat(words[1]).timestamp()
        except (IndexError, ValueError, OverflowError):
            return max(changed, removed)
        if abs(changed - dated) > _AT_ONCE:
            return max(changed, removed)
        return removed if abs(removed - dated) > _AT_ONCE else 0.0
    return removed


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0
