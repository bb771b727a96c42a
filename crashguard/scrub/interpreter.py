"""What Python and libraries put into messages of themselves: codes of system errors, counts, addresses.

Theory of operation. `str()` of an OSError is `[Errno 2] No such file or directory: '/x'`. Neither the program
nor a library says the first half: the number is of the system, and the words are of the system's table. They
are looked up there, so they stay though no list of words has them. A group gets the number of its members.
pydantic names the kind of each error, and a page about it; numpy the shape of an array that is too large.
The ports of well-known services are no numbers of anybody's. botocore names the code of a service's error and
the operation.
"""

import os

from crashguard.scrub._tables import PORTS
from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.spans import Span

_ADDED = Pattern(r"\[(?:Errno|WinError) (?:-?(\d{1,6})|None)\] |(?: \(\d{1,6} sub-exceptions?\))(?=\n|$)")

_OF_LIBRARIES = Pattern(
    r"https://errors\.pydantic\.dev/\d{1,3}\.\d{1,3}/v/[a-z_]{3,60}"
    r"|[\"']type[\"']: ?[\"'][a-z_]{3,60}[\"'], ?[\"']loc[\"']"
    rf"|\b[Pp]ort[ =:]{{1,2}}(?:{PORTS})\b|(?<=[\w\]]):(?:{PORTS})\b"
    r"|An error occurred \((?:[A-Z][A-Za-z]{2,60}(?:\.[A-Z][A-Za-z]{2,60}){0,3}|\d{3})\) when calling the"
    r" [A-Z][A-Za-z0-9]{2,60} operation\b"
    r"|Unable to allocate [\d.]{1,9} [KMGTPE]?i?B for an array with shape \([\d, ]{1,99}\)"
)


def spans(text: str) -> "list[Span]":
    """Where Python's own words stand in a text."""
    found = [(match.start(), _end(text, match.end(), match[1])) for match in _ADDED.finditer(text)]
    return found + [match.span() for match in _OF_LIBRARIES.finditer(text)]


def _end(text: str, end: int, number: str | None) -> int:
    """Where the words end that the system has for an error's number; they may be missing."""
    said = os.strerror(int(number)) if number else ""
    return end + len(said) if text.startswith(said, end) else end
