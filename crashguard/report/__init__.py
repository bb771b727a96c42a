"""From a live exception to the bytes of a report. Clock, ids and paths come in as arguments.

    origins       whose code a frame runs
    text          str() of a foreign object, with protection against its code
    exceptions    exception -> the values of Sentry's exception interface (chains, groups, frames)
    printed       a printed traceback -> frames
    fingerprint   the identity of a bug
    contexts      runtime, operating system, process
    children      the exit statuses of child processes
    codes         errno, SQLSTATE, HTTP status, exit status
    command       the subcommand and the names of the options that were given
    tasks         the coroutines that wait for a task of asyncio
    running       the frames that run while a report is made
    installed     distributions on the stack, the installer, source lines of published files
    event         all of these -> one event
    envelope      event <-> the bytes of a Sentry envelope

Events are plain dicts in Sentry's own shape. They are made in a dying process, where the import of a class
library would cost more than all other steps. `event` is the allow-list of their fields.

This module holds the limits. Each cut leaves a mark with the number of what was cut. A report stays under
1 MiB, because Sentry, Relay and Bugsink answer 413 to more. The single limits stay under those of Relay 0.10
(frames 250, value 8,192 characters, tag 200), which cuts what is longer.
"""

MOST_FRAMES_HEAD = 50
MOST_FRAMES_TAIL = 190  # the inner end, where the exception was raised; with the mark 241 frames in all
MOST_FRAMES = 1_000  # over all exceptions of one report
MOST_EXCEPTIONS = 50
MOST_MEMBERS = 1_000  # of a group, that are looked at to choose those which are in the report
MOST_GROUP_DEPTH = 10
MOST_MESSAGE = (
    6_000  # characters, before scrubbing: a scrub mark can be longer than the text that it replaces
)
MOST_MESSAGE_TAIL = 1_000
MOST_VALUE = 7_500  # characters: a message with its notes
MOST_NOTES = 10
MOST_NAME = 200
MOST_TAG = 190
MOST_ENVELOPE = 900_000  # bytes
STR_SECONDS = 0.25  # how long a foreign __str__ may take


def cut(text: str, most: int, tail: int = 0) -> str:
    """Shorten a text to about `most` characters, `tail` of them from its end, with a visible mark.

    It cuts at a blank where one is near, so that it leaves no half of a word, which may be half of a secret.
    """
    if len(text) <= most:
        return text
    head = _at_blank(text[: most - tail])
    end = _at_blank(text[len(text) - tail :][::-1])[::-1] if tail else ""
    return f"{head} [... {len(text) - len(head) - len(end)} characters cut ...] {end}".rstrip()


def _at_blank(text: str) -> str:
    for position in range(len(text) - 1, max(len(text) - 200, -1), -1):
        if text[position].isspace():
            return text[:position]
    return text


def cut_mark(count: int) -> "dict[str, object]":
    """The frame that takes the place of frames that were cut."""
    return {"function": f"[... {count} frames cut ...]", "filename": "<cut>", "in_app": False}
