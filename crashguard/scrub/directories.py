"""Where directories of absolute paths stand in a text: they tell whose data it is.

A path is one of this machine if its first directory is there, so that a route of a web service
(`/v1/users/7`) is none. The file's name stays, and is judged as every name is. So do the directories of the
system itself, and what a path has below a folder of installed packages. Of any path the segments and the
ending stay that the tool's own code says.
"""

from crashguard import files
from crashguard.program import SHARED
from crashguard.scrub.identifiers import is_joined
from crashguard.scrub.prepared import Pattern
from crashguard.scrub.spans import joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.constants import Constants
    from crashguard.scrub.spans import Span

_SEGMENT = r"[^\s/\\:*?\"'`<>|,;()\[\]{}]{1,255}"
_UNIX = Pattern(rf"(?:(?<=file://)|(?<![\w.~\-/\\:]))/(?:{_SEGMENT}/){{1,64}}")
_WINDOWS = Pattern(rf"(?<![\w\\])[A-Za-z]:(?:\\{{1,2}}|/)(?:{_SEGMENT}(?:\\{{1,2}}|/)){{1,64}}")
_PATH = Pattern(r"[^\s*?\"'`<>|,;()\[\]{}]{1,4096}")
# Source: the Filesystem Hierarchy Standard 3.0, and what Apple's and Microsoft's systems call theirs.
_OF_SYSTEM = frozenset(
    "bin boot dev etc lib lib32 lib64 libx32 proc run sbin sys usr system library windows".split()
)


def spans(text: str) -> "list[Span]":
    """Where directories of absolute paths stand, without the file's name."""
    found: list[Span] = []
    if "/" in text:
        there: set[str] = set()
        for match in _UNIX.finditer(text):
            there = there or {name.lower() for name in files.names("/")}
            first = match[0][1:].partition("/")[0].lower()
            if first in there and first not in _OF_SYSTEM:
                found.append(_cut(match[0], match.start()))
    if ":\\" in text or ":/" in text:
        for match in _WINDOWS.finditer(text):
            first = match[0][2:].replace("\\", "/").strip("/").partition("/")[0].lower()
            if first not in _OF_SYSTEM:
                found.append(_cut(match[0], match.start()))
    return found


def path_at(text: str, start: int) -> str:
    """The whole path that begins at a place in a text."""
    match = _PATH.match(text, start)
    return "" if match is None else match[0].rstrip(".")


_BEGINNINGS = ("/", "./", "../", "~/")  # of a path that may have blanks in it


def spelt(text: str, start: int, end: int, program: "Constants") -> "list[Span]":
    """The segments of a path or an address that the tool's code says, and its ending.

    Args:
        text: A text.
        start: Where the path begins.
        end: Where it ends.
        program: Knows the tool's code.
    """
    at, last = text.find("/", start, end), text.rfind("/", start, end)
    if at < 0:
        return []
    is_first_said = at < last and text[start:at].isidentifier() and program.spells(text[start : at + 1])
    if not (is_first_said or is_joined(text[start:end]) or text.startswith(_BEGINNINGS, start)):
        return []
    said = [(start, at + 1)] if is_first_said else []
    while at >= 0:
        behind = text.find("/", at + 1, end) if at < last else end
        if behind > at + 1 and program.spells(text[at:behind]):
            said.append((at, behind + (behind < end)))
        at = behind if behind < end else -1
    dot = text.rfind(".", last + 2, end)
    if dot >= 0 and text[dot + 1 : end].isalpha() and program.spells(text[dot:end]):
        said.append((dot, end))
    return joined(said)


def _cut(path: str, start: int) -> "Span":
    """The directories less what is below a folder of installed packages."""
    ends = [at for name in SHARED if (at := path.find(f"/{name}/")) >= 0]
    return start, start + (min(ends) + 1 if ends else len(path))
