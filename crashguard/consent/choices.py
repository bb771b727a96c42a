"""The choices that are saved: the user's and the machine's, and until when a no among them held.

`telemetry_level` reads them at every start. This module writes them, for the command. A sender asks it until
when a no held.
"""

import os
import time

from crashguard import files, paths
from crashguard import telemetry_level as levels
from crashguard.consent import refusals
from crashguard.exceptions import TelemetryLevelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.telemetry_level import TelemetryLevel


# What a person can do where no choice can be saved.
IN_ITS_PLACE = "Until it can be, start tools with DO_NOT_TRACK=1, which says no to each of them"


def save_choice(value: str, *, since: str, app: str | None = None) -> str:
    """Save the user's choice and return the file's path.

    A choice for all tools gives a single tool no more than its own choice does: `of_single_tools()`.

    Args:
        value: One of the four choices.
        since: Now, as ISO 8601 in UTC (`2026-01-31T12:00:00Z`): consent has a date.
        app: The tool; None for every tool that uses crashguard.

    Raises:
        TelemetryLevelError: `value` is not one of the four, or this user has no home directory to save it in.
        OSError: The file cannot be written.
    """
    level = levels.checked(value, "the given level", strict=True)
    folder = paths.config_dir()
    if folder is None:
        raise TelemetryLevelError(f"a telemetry level cannot be saved: {_why_no_home()}")
    path = levels.choice_files(folder, app)[0]
    files.common_folder(os.path.dirname(folder))
    before = os.stat(folder).st_mtime if os.path.isdir(folder) else 0.0
    files.private_folder(os.path.dirname(path), also_open=True)
    if app is not None:  # the folder's date tells when the choice for all tools was removed by hand
        os.utime(folder, (before, before))
    single = {} if app is not None else of_single_tools(value)
    _note_end_of_a_no(folder, level, app)
    files.write(path, f"{level.value} {since}\n".encode("ascii"), durable=True)
    for name, (before_it, after_it) in single.items():
        its_own = os.path.join(folder, name, paths.CHOICE)
        if before_it == levels.DEFAULT:
            os.unlink(its_own)
        elif before_it != after_it:
            files.write(its_own, f"{after_it} {since}\n".encode("ascii"), durable=True)
    return path


def of_single_tools(value: str) -> dict[str, tuple[str, str]]:
    """What a new choice for all tools makes of each choice for a single tool: the tool, before, after.

    A no to one tool stays: of both choices the lower counts. A tool that was allowed everything has no
    choice of its own any more.

    Args:
        value: The new choice.
    """
    folder = paths.config_dir()
    if folder is None or not os.path.isdir(folder):
        return {}
    found = {
        name: levels.read_choice(os.path.join(folder, name, paths.CHOICE), levels.SAVED, strict=False)
        for name in sorted(_with_own_choice(folder))
    }
    return {
        name: (own[0].value, levels.lower(own[0].value, value))
        for name, own in found.items()
        if own is not None
    }


def _why_no_home() -> str:
    where = os.path.expanduser("~")
    if os.path.isabs(where) and os.path.isdir(where):
        return f"the home directory {where} belongs to another user; set HOME to your own"
    return "this user has no home directory; set HOME, or the tool's variable"


def apps() -> list[str]:
    """The apps for which this user has saved a choice of their own."""
    folder = paths.config_dir(to_read=True)
    try:
        return [] if folder is None else sorted(_with_own_choice(folder))
    except OSError:
        return []


def _note_end_of_a_no(folder: str, level: "TelemetryLevel", app: str | None) -> None:
    """Note for each tool that a choice concerns which no it ends: `refusals`."""
    now = time.time()
    everywhere = levels.read_choice(os.path.join(folder, paths.CHOICE), levels.SAVED, strict=False)
    machine = levels.read_choice(
        os.path.join(paths.machine_dir(), paths.CHOICE), levels.MACHINE, strict=False
    )
    after = {} if app is not None else of_single_tools(level.value)
    scopes = [app] if app is not None else ["", *after]
    for scope in scopes:
        new = levels.TelemetryLevel(after[scope][1], levels.SAVED) if scope in after else level
        own = (
            levels.read_choice(os.path.join(folder, scope, paths.CHOICE), levels.SAVED, strict=False)
            or everywhere
            or machine
        )
        if own is None:
            continue
        for what in refusals.KINDS:
            if own[0].allows(what):
                if scope and app is None:  # what the choice for all tools refused did not concern this one
                    until = refusals.until(scope, what, refusals.SAVED)
                    refusals.note(os.path.join(folder, scope), what, until, above=now)
            elif new.allows(what):
                refusals.note(os.path.join(folder, scope), what, now)


def _with_own_choice(folder: str) -> list[str]:
    """The apps for which a choice of their own is saved."""
    entries = [entry for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    return [each.name for each in entries if os.path.lexists(os.path.join(each.path, paths.CHOICE))]


def save_machine_choice(value: str, *, since: str, final: bool) -> str:
    """Save the machine's choice, as its administrator, and return the file's path.

    Args:
        value: One of the four choices.
        since: Now, as in `save_choice`.
        final: Whether it takes away from every other source, also from the flag.

    Raises:
        TelemetryLevelError: `value` is not one of the four.
        OSError: The file cannot be written.
    """
    level = levels.checked(value, "the given level", strict=True)
    path = os.path.join(paths.machine_dir(), paths.CHOICE)
    _note_end_of_the_machines_no(level, final=final)
    files.share(path, f"{level.value} {since}{' ' + levels.FINAL if final else ''}\n".encode("ascii"))
    return path


def _note_end_of_the_machines_no(level: "TelemetryLevel", *, final: bool) -> None:
    """Note which no of the machine a new choice ends: `refusals`."""
    folder = paths.machine_dir()
    found = levels.read_choice(os.path.join(folder, paths.CHOICE), levels.MACHINE, strict=False)
    if found is None:
        return
    was_final = levels.FINAL in found[1]
    for what in refusals.KINDS:
        if not found[0].allows(what) and (level.allows(what) or (was_final and not final)):
            refusals.note(folder, what, time.time(), final=was_final, put=files.share)


def not_believed(app: str | None = None) -> list[str]:
    """The choices that allow something and are not believed, each as a sentence: they count for a no only.

    Args:
        app: The tool, or None.
    """
    sentences = []
    machine = os.path.join(paths.machine_dir(), paths.CHOICE)
    found = levels.read_choice(machine, levels.MACHINE, strict=False)
    if found is not None and found[0].value != "none" and not levels.is_administrators(machine):
        why = "others than the administrator can write it"
        sentences.append(f"{found[0].value} in {machine} counts for a no only: {why}")
    folder = paths.config_dir(to_read=True)
    for path in [] if folder is None else levels.choice_files(folder, app):
        found = levels.read_choice(path, levels.SAVED, strict=False)
        if found is not None and found[0].value != "none" and not found[2]:
            why = "it belongs to another user, or everybody can write it"
            sentences.append(f"{found[0].value} in {path} counts for a no only: {why}")
    return sentences


def refused_until(app: str, what: str, source: object) -> float:
    """The moment, in seconds since 1970, up to which what a tool recorded must not leave; 0 for none.

    Args:
        app: The tool.
        what: `errors` or `stats`.
        source: The source of the telemetry level under which it was recorded, as `TelemetryLevel.source`.
            Anything else counts as a source that a saved choice is stronger than.
    """
    kind = refusals.OF_RUN
    if not isinstance(source, str) or not source or source.startswith((levels.MACHINE, levels.BY_DEFAULT)):
        kind = refusals.WEAKEST
    elif source.startswith(levels.SAVED):
        kind = refusals.SAVED
    if kind != refusals.OF_RUN:  # a sender may have a yes by a variable, while a saved no holds
        current = levels.saved_choice(app, strict=False)
        by_default = levels.TelemetryLevel(levels.DEFAULT, levels.BY_DEFAULT)
        if current is None and kind == refusals.WEAKEST:
            current = levels.machine_choice(by_default)[0]
        if current is not None and current.problem is None and not current.allows(what):
            return float("inf")
    return refusals.until(app, what, kind)
