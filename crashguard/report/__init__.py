"""From a live exception to the bytes of a report: clock, ids and paths come in as arguments.

    origins       whose code a frame is
    text          the one guarded door from a foreign object to text
    exceptions    exception -> the values of Sentry's exception interface (chains, groups, frames)
    printed       a traceback that was printed -> frames
    fingerprint   what makes two crashes the same bug
    contexts      runtime, operating system, process
    children      how child processes ended
    event         all of it -> one event
    envelope      event <-> the bytes of a Sentry envelope

Events are plain dicts in Sentry's own shape: they are made in a dying process, where a class library
costs more than all the rest, and what they may hold is stated once, in `event`.

Here stands how much of everything is kept. Whatever is cut shows a mark that says how much was there. The sum
stays under 1 MiB, where Sentry, Relay and Bugsink answer 413, and the single figures under those at which
Relay 0.10 cuts on its own (frames 250, value 8,192 characters, tag 200).
"""

MOST_FRAMES_HEAD = 50
MOST_FRAMES_TAIL = 190  # the inner end, where it broke; with the mark 241 frames in all
MOST_FRAMES = 1_000  # over all exceptions of one report
MOST_EXCEPTIONS = 50
MOST_GROUP_DEPTH = 10
MOST_MESSAGE = 6_000  # characters, before scrubbing: a marker can be longer than what it stands for
MOST_MESSAGE_TAIL = 1_000
MOST_VALUE = 7_500  # characters: a message with its notes
MOST_NOTES = 10
MOST_NAME = 200
MOST_TAG = 190
MOST_ENVELOPE = 900_000  # bytes
STR_SECONDS = 0.25  # how long a foreign __str__ may take


def cut(text: str, most: int, tail: int = 0) -> str:
    """Shorten a text to about `most` characters, `tail` of them from its end, with a visible mark.

    Cuts at blanks where there are any near, so that no half of a word (which might be half of a secret)
    is left behind.
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
    """The frame that stands for frames that were left out."""
    return {"function": f"[... {count} frames cut ...]", "filename": "<cut>", "in_app": False}
