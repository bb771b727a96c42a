"""Whose home a path leads through. The judges of the rules for POSIX and Windows."""

from crashguard.scrub._tables import NOBODY, SAID

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re


def posix_user(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":  # noqa: ARG001 (a judge)
    """A judge: the name of a home, unless it is nobody's."""
    return [] if _is_nobody(match["name"]) else [(*match.span("name"), "user")]


_MOST_NAMES = 4  # words that a person's name has


def windows_user(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: the name of a Windows home. Names may hold blanks, and so may what follows a path."""
    if match[0][0] == "/" and "\\" not in match[0] and not _has_drive(text, match.start()):
        return []
    start, end = match.span("name")
    name = match["name"]
    behind = text[end : end + 1]
    # not followed by more path: the name ends at the first blank, unless the path is quoted
    if " " in name and behind not in ("\\", "/") and (behind not in ("'", '"') or len(name) > 30):
        end = start + _end_of_name(name)
    return [] if end == start or _is_nobody(text[start:end]) else [(start, end, "user")]


def _end_of_name(name: str) -> int:
    """Where a name that ends a path ends: behind its first word, or the last of its capitalised ones."""
    words = name.split(" ")
    size = len(words[0])
    for word in words[1:_MOST_NAMES] if words[0].istitle() else ():
        if not word.istitle() or not word.isalpha() or word.lower() in SAID:
            break
        size += 1 + len(word)
    return size


def _is_nobody(name: str) -> bool:
    low = name.lower().rstrip(".")
    if low.startswith(("$", "%", "{", "<", "~", "default", "all users", "public")) or not low:
        return True
    return low in NOBODY or "\n" in low or not any(map(str.isalnum, low))


def _has_drive(text: str, start: int) -> bool:
    """Whether what stands before a forward slash is a drive or a share: C:/Users, //server/users."""
    if start and text[start - 1] == ":":
        return True
    share = text.rfind("//", max(start - 60, 0), start)
    return share >= 0 and (share == 0 or text[share - 1] != ":") and " " not in text[share:start]
