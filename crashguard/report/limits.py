"""How much of everything is kept. Whatever is cut shows a mark that says how much was there.

The sum stays under 1 MiB, where Sentry, Relay and Bugsink answer 413, and the single figures under
those at which Relay 0.10 cuts on its own (frames 250, value 8,192 characters, tag 200).
"""

FRAMES_HEAD = 50
FRAMES_TAIL = 190  # the inner end, where it broke; with the mark 241 frames in all
FRAMES_TOTAL = 1_000  # over all exceptions of one report
EXCEPTIONS = 50
GROUP_DEPTH = 10
MESSAGE = 6_000  # characters, before scrubbing: a marker can be longer than what it stands for
MESSAGE_TAIL = 1_000
VALUE = 7_500  # characters: a message with its notes
NOTES = 10
NAME = 200
TAG = 190
ENVELOPE = 900_000  # bytes
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
