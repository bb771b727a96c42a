"""What a machine means for crash reports: who would send one from here, what came of native crashes.

Each finding is a step of `doctor`: whether it is fine (None for neither), its name, and what was found.
"""

import os
from collections.abc import Iterator

from crashguard import paths, policy, transport
from crashguard.cli import apps, output
from crashguard.spool import journal, lock, reports
from crashguard.spool.reports import StoredReport
from crashguard.spool.store import Spool

FROM_MEMORY = "No folder is used: a report is sent from memory, or lost"

Finding = tuple[bool | None, str, str]


def findings(*but: str) -> Iterator[Finding]:
    """All that is found out without a test report.

    Args:
        but: Apps that are left out.
    """
    above = paths.why_not_used()
    for why in dict.fromkeys((above, paths.why_none())):
        if why is not None:
            yield False, "folder", f"{output.plain(why)}; {paths.REMEDY}"
    for app in reports.apps():
        unsafe = paths.why_not_used(app)
        if above is None and unsafe is not None:
            yield False, "folder", f"{output.plain(unsafe)}; remove it, or close it for others"
    yield True, "sender", sender()
    natives = []
    for app in reports.apps():
        if app in but:
            continue
        apps.recover(app)
        spool = apps.spool_of(app)
        natives += _last_native_crash(spool, app)
        for path in lock.in_its_place(spool.root):
            yield None, "lock", in_its_place(path)
        for path in spool.moved_away():
            yield None, "moved away", in_place_of_a_folder(path)
    yield from natives or [(None, "native crash", "no tool has had one here")]


def sender() -> str:
    """Who sends a crash report of a program that is started where this one is."""
    if paths.why_none() is not None:
        return "the crashing program itself, from memory: no folder is used"
    if not _is_writable(paths.state_dir()):
        where = output.short_path(paths.state_dir())
        return f"the crashing program itself, from memory: nothing can be written in {where}"
    reason = transport.why_inline()
    if reason is None:
        return "a detached process, which can outlive the program that crashed"
    return f"the crashing program itself, before it ends: {reason}"


def _is_writable(folder: str) -> bool:
    """Whether a folder, or the nearest one above that is there, can be written into."""
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return os.access(folder, os.W_OK)


def in_its_place(path: str) -> str:
    """What is said of something that is not ours in the place of a lock."""
    return f"{output.short_path(path)} is no file of crashguard's; sending goes on without it"


def in_place_of_a_folder(path: str) -> str:
    """What is said of something that was moved away from the place of a folder or file."""
    return f"{output.short_path(path)} lay in the place of a folder or file of crashguard's"


def _last_native_crash(spool: Spool, app: str) -> list[Finding]:
    """What came of the latest native crash of a tool; an empty list without one."""
    found = [report for report in reports.reports(spool) if _is_native(report)]
    if not found:
        return []
    report = found[-1]
    fine, came = _came_of(spool, report)
    said = f"{output.plain(report.title)} of {app}, {output.when(report.seconds)}, {came}"
    return [(fine, "native crash", said)]


def _is_native(report: StoredReport) -> bool:
    values = report.event.get("exception", {}).get("values") or [{}]
    mechanism = values[-1].get("mechanism")
    return isinstance(mechanism, dict) and mechanism.get("type") == "signalhandler"


def _came_of(spool: Spool, report: StoredReport) -> tuple[bool | None, str]:
    if report.state == paths.SENT:
        return True, "was sent"
    reasons = [why for _, _, event_id, why in journal.entries(spool.root) if event_id == report.event_id]
    if report.state == paths.REJECTED:
        return False, f"was refused by its server: {output.plain(reasons[-1] if reasons else '?')}"
    if report.state == paths.LOCAL:
        because = report.kept_because
        return None, f"stays here: {policy.explain(because) if because else 'it has no destination'}"
    if reasons:
        return False, f"was not sent yet: {output.plain(reasons[-1])}"
    return None, "goes with the tool's next run"
