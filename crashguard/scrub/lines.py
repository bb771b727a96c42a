"""Which lines of a text are worth a pattern: those that hold one of its gates.

A search for a plain text is many times as fast as a pattern, and most lines of most texts hold no gate.
In long texts many gates are looked for at once: the words of the text say which can be in it at all, and
one pattern, in which those that begin alike share their beginning, says where.

Must live here: finding plain texts. Must not be known here: what they stand for.
"""

import re

from crashguard.scrub.lazy import Lazy

_LONG = 3_000  # characters from which compiling a pattern pays
_SHORT = 300  # characters up to which looking at each of them is cheaper than looking for each gate
_FEW = 6
_MANY = 50  # patterns that are kept
_NEVER = r"(?!)"
_LETTERS = Lazy("[a-z]+")
_patterns: "dict[tuple[str, ...], re.Pattern[str]]" = {}
_index: "tuple[tuple[str, ...], dict[str, list[str]]]" = ((), {})
_last = ("", "")
_cores: "dict[str, str]" = {}


def holding(low: str, gates: "tuple[str, ...]") -> "list[tuple[int, int]]":
    """The stretches of whole lines that hold one of the gates, in order, without overlap.

    Args:
        low: A text in lower case.
        gates: Plain texts in lower case; none stands for any line.
    """
    if not gates:
        return [(0, len(low))]
    found: list[tuple[int, int]] = []
    if len(gates) > _FEW and len(low) > _LONG:
        search = _together(low, gates).search
        hit = search(low)
        while hit is not None:
            end = low.find("\n", hit.end() - 1)
            if end < 0:
                end = len(low)
            found.append((low.rfind("\n", 0, hit.start()) + 1, end))
            hit = search(low, end)
        return found
    for gate in gates:
        at = low.find(gate)
        while at >= 0:
            start = low.rfind("\n", 0, at) + 1
            end = low.find("\n", at + len(gate) - 1)
            if end < 0:
                end = len(low)
            found.append((start, end))
            at = low.find(gate, end)
    return _merged(found)


def around(low: str, start: int, end: int) -> "tuple[int, int]":
    """The whole lines around a stretch."""
    close = low.find("\n", end - 1)
    return low.rfind("\n", 0, start) + 1, close if close >= 0 else len(low)


def places(low: str, stems: "tuple[str, ...]") -> "list[tuple[int, int]]":
    """Where any of some plain texts stand, in order."""
    if len(low) > _LONG:
        return [hit.span() for hit in _together(low, stems).finditer(low)]
    found = []
    if len(low) <= _SHORT:
        starting = _starting(stems)
        for at in range(len(low) - 1):
            stems_here = starting.get(low[at : at + 2], ())
            found += [(at, at + len(stem)) for stem in stems_here if low.startswith(stem, at)]
        return found
    for stem in stems:
        at = low.find(stem)
        while at >= 0:
            found.append((at, at + len(stem)))
            at = low.find(stem, at + 1)
    found.sort(key=_by_place)
    return found


def _starting(stems: "tuple[str, ...]") -> "dict[str, list[str]]":
    """Plain texts by their first two characters, the longest first."""
    global _index  # noqa: PLW0603 (a cache of one, replaced whole)
    if _index[0] is not stems:
        index: dict[str, list[str]] = {}
        for stem in sorted(stems, key=len, reverse=True):
            index.setdefault(stem[:2], []).append(stem)
        _index = (stems, index)
    return _index[1]


def _together(low: str, words: "tuple[str, ...]") -> "re.Pattern[str]":
    """One pattern for those of many plain texts that a long text holds at all."""
    parts = _words(low)
    present = tuple(word for word in words if _core(word) in parts and (word.isalpha() or word in low))
    pattern = _patterns.get(present)
    if pattern is None:
        root: dict[str, object] = {}
        for word in present:
            node = root
            for character in word:
                node = node.setdefault(character, {})  # type: ignore[assignment]
            node[""] = True
        if len(_patterns) > _MANY:
            _patterns.clear()
        pattern = _patterns[present] = re.compile(_shared(root) if present else _NEVER)
    return pattern


def _words(low: str) -> str:
    """The different words of a text; the last answer is kept, as one text is asked about several times."""
    global _last  # noqa: PLW0603 (a cache of one, replaced whole)
    if _last[0] is not low:
        _last = (low, "\n".join(set(_LETTERS.regex.findall(low))))
    return _last[1]


def forget() -> None:
    """Let go of the last text."""
    global _last  # noqa: PLW0603 (as above)
    _last = ("", "")


def _core(word: str) -> str:
    """The longest run of letters in a word."""
    core = _cores.get(word)
    if core is None:
        core = _cores[word] = max(_LETTERS.regex.findall(word), key=len, default="")
    return core


def _shared(node: "dict[str, object]") -> str:
    branches = [re.escape(key) + _shared(child) for key, child in sorted(node.items()) if key]  # type: ignore[arg-type]
    if not branches:
        return ""
    body = branches[0] if len(branches) == 1 and "" not in node else f"(?:{'|'.join(branches)})"
    return f"{body}?" if "" in node else body


def _by_place(span: "tuple[int, int]") -> "tuple[int, int]":
    return span[0], -span[1]


def _merged(found: "list[tuple[int, int]]") -> "list[tuple[int, int]]":
    if len(found) < 2:
        return found
    found.sort()
    merged = [found[0]]
    for start, end in found:
        if start >= merged[-1][1]:
            merged.append((start, end))
        elif end > merged[-1][1]:
            merged[-1] = (merged[-1][0], end)
    return merged
