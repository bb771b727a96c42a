"""Stretches of a text, as places where they begin and end: in order, united, one less another."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    Span = tuple[int, int]
    Found = tuple[int, int, str]  # and the kind of what stands there


def united(found: "list[tuple[int, int, str]]") -> "list[tuple[int, int, str]]":
    """Spans in order, those that overlap as one. The first to start gives its kind, the longest of these."""
    found.sort(key=by_start)
    united: list[tuple[int, int, str]] = []
    for start, end, kind in found:
        if united and start < united[-1][1]:
            if kind == "email":
                continue  # user:password@host looks like one from the password on
            if united[-1][2] == "email" and end < united[-1][1]:
                united[-1] = (start, end, kind)
            elif end > united[-1][1]:
                united[-1] = (united[-1][0], end, united[-1][2])
        elif start < end:
            united.append((start, end, kind))
    return united


def joined(spans: "list[tuple[int, int]]") -> "list[tuple[int, int]]":
    """Spans in order, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def by_start(span: "tuple[int, int, str]") -> "tuple[int, int]":
    """Spans in order; of two that begin together, the longer one first."""
    return span[0], -span[1]


def occurrences(text: str, needle: str) -> "list[Span]":
    """Where a text stands in another."""
    found: list[Span] = []
    at = text.find(needle)
    while at >= 0:
        found.append((at, at + len(needle)))
        at = text.find(needle, at + len(needle))
    return found


def without(spans: "list[Span]", kept: "list[Span]") -> "list[Span]":
    """Spans less what is kept."""
    if not kept or not spans:
        return spans
    kept = sorted(kept)
    left: list[Span] = []
    index = 0
    for start, end in sorted(spans):
        while index < len(kept) and kept[index][1] <= start:
            index += 1
        at, position = index, start
        while at < len(kept) and kept[at][0] < end:
            if kept[at][0] > position:
                left.append((position, kept[at][0]))
            position = max(position, kept[at][1])
            at += 1
        if position < end:
            left.append((position, end))
    return left
