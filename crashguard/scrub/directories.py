"""Where directories of absolute paths stand in a text: they tell whose data it is.

A path is one of this machine if its first directory is there, so that a route of a web service
(`/v1/users/7`) is none. The file's name stays, and is judged as every name is. So do the directories of the
system itself, and what a path has below a folder of installed packages.
"""

from crashguard import files
from crashguard.program import SHARED
from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
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


def _cut(path: str, start: int) -> "Span":
    """The directories less what is below a folder of installed packages."""
    ends = [at for name in SHARED if (at := path.find(f"/{name}/")) >= 0]
    return start, start + (min(ends) + 1 if ends else len(path))
