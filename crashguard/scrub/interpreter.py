"""What Python itself puts into messages, whatever the program: the codes of system errors, counts of members.

Theory of operation. `str()` of an OSError is `[Errno 2] No such file or directory: '/x'`. Neither the program
nor a library says the first half: the number is of the system, and the words are of the system's table. They
are looked up there, so they stay though no list of words has them. A group gets the number of its members.
"""

import os

from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.spans import Span

_ADDED = Pattern(r"\[(?:Errno|WinError) (?:-?(\d{1,6})|None)\] |(?: \(\d{1,6} sub-exceptions?\))(?=\n|$)")


def spans(text: str) -> "list[Span]":
    """Where Python's own words stand in a text."""
    return [(match.start(), _end(text, match.end(), match[1])) for match in _ADDED.finditer(text)]


def _end(text: str, end: int, number: str | None) -> int:
    """Where the words end that the system has for an error's number; they may be missing."""
    said = os.strerror(int(number)) if number else ""
    return end + len(said) if text.startswith(said, end) else end
