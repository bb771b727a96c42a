"""The first-use notice: printed on a terminal before anything leaves, once for a tool and a user.

It says what may leave, to whom, and how to say no. There is one for crash reports, in the first run that may
send one, and one for stats, before the first record. That of crash reports waits until the tool calls
install() again, or until its parser of argparse has our commands: it names such a command, and a tool on
click knows only when it runs where they are. At the latest it is printed before something leaves, before a
fork and at the end of the run. It is never printed in a pipe, in CI, for a shell's
completion or in a plugin's process. A file in the spool says that it was printed. The process that makes this
file prints the notice, so that two processes do not both print it. Where no disk takes the file, the notice
is printed in each run from which something leaves.

This module is imported only where the notice may have to be printed.
"""

import os
import sys

from crashguard import files, paths, policy, transport
from crashguard.capture import note
from crashguard.transport import hold, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from crashguard.config import Config

MARKS = {"errors": paths.NOTICE, "stats": paths.STATS_NOTICE}

# A shell asks a program for its completions by a variable: click's `_MYTOOL_COMPLETE`, argcomplete's own.
_COMPLETES = ("_COMPLETE", "_ARGCOMPLETE")


def of_crash_reports(config: "Config", *, leaves: bool) -> bool:
    """Print the notice about crash reports, if one may leave and nobody has seen the notice. Never raises.

    Args:
        config: The settings.
        leaves: Whether one leaves now.

    Returns:
        Whether all is done: False where nothing could be noted and nothing leaves.
    """
    if policy.why_not("errors", config.level, version=config.version, destination=config.dsn) is not None:
        return True
    server = (config.dsn or "").rpartition("@")[2].partition("/")[0]
    said = "where and why it failed, without private data."
    return show(
        config, "errors", f"If {config.app} crashes, it sends a report to {server}:\n{said}", leaves=leaves
    )


def show(config: "Config", what: str, said: str, page: str | None = None, *, leaves: bool = False) -> bool:
    """Print the notice about one kind of data, or the host's text in its place. Never raises.

    Args:
        config: The settings.
        what: `errors` or `stats`.
        said: What may leave, and to whom: the notice without how to say no.
        page: The address of the page that says more.
        leaves: Whether something leaves now. Then the notice is printed although no disk takes the mark.

    Returns:
        Whether all is done: False where no disk takes the mark and nothing leaves.
    """
    mark = os.path.join(config.spool, MARKS[what])
    is_noted = True
    try:
        if config.notice is False or os.path.lexists(mark) or not _is_read(config):
            return True
        files.private_folder(config.spool)
        files.create(mark)
    except FileExistsError:
        return True  # another process has just made it, and prints
    except Exception:  # noqa: BLE001 (no disk takes the mark)
        if not leaves:
            return False
        is_noted = False
    try:
        if isinstance(config.notice, str):  # what the tool says in its own words, it says once for both kinds
            text: str | None = config.notice
            for other in MARKS.values() if is_noted else ():
                files.touch(os.path.join(config.spool, other))
        else:
            words = _words(config, f"{said} This is said once." if is_noted else said, page)
            text = _of_host(config.notice, words) if callable(config.notice) else words
        if text:
            sys.stderr.write(text if text.endswith("\n") else f"{text}\n")
            sys.stderr.flush()
            if os.path.lexists(os.path.join(config.spool, paths.NOTICE)):
                hold.begin_if_first(config, by_notice=True)
    except BaseException as error:  # stderr is closed, say, or Ctrl-C: nobody has read it
        files.remove(mark)
        if not issubclass(type(error), Exception):
            raise
    return True


def _of_host(words_of: "Callable[[str], object]", text: str) -> str | None:
    """The notice as the host's function gives it back. Where that fails, the person is told all the same."""
    try:
        found = words_of(text)
    except Exception:  # noqa: BLE001 (the host's code may raise anything)
        return text
    return found if found is None or isinstance(found, str) else text


def _is_read(config: "Config") -> bool:
    """Whether a person reads what this process writes to stderr. A tool's plugin says nothing of its own."""
    completes = any(name.endswith(_COMPLETES) for name in os.environ)
    return config.plugin is None and not completes and not place.is_ci() and transport.is_read()


def _words(config: "Config", said: str, page: str | None) -> str:
    """The notice's text, with the newline at its end."""
    typed = note.command()
    refuse = note.say_no(config)
    if typed:
        saved = f"`{typed} level none`"
        blank = " " if len(f"{refuse}, or {saved}") <= note.COLUMNS else "\n"
        refuse = f"{refuse}, or{blank}{saved}"
    more = f"More: {page}\n" if page else ""
    return f"{said}\n{more}{refuse}\n"
