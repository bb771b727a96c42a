"""Finds tokens by what they are made of: an issuer's prefix, or characters that no person would choose.

One pass finds runs of token characters; the first three characters of a run look up the issuers' prefixes,
so that the length of the table costs nothing. Runs without a known prefix are judged by their randomness.

Must live here: runs, prefixes and their extent. Must not be known here: names before a value.
"""

import re

from crashguard.scrub import vendors
from crashguard.scrub.entropy import changes, is_random_run
from crashguard.scrub.lazy import Lazy

_RUN = Lazy(r"\b[A-Za-z0-9_\-]{12,}", re.ASCII)
_SEAM = Lazy(r"[_\-]+|(?<=[0-9])(?=[a-zA-Z])|(?<=[a-z])(?=[A-Z])")
# What may go on behind a run: dotted and base64 tails; a part that was masked or left out.
_TAIL = Lazy(r"(?:[.:+/=~$%]{0,2}[A-Za-z0-9_\-]{4,}){0,400}={0,2}")
_MASKED = Lazy(r"(?:\*{2,}|\.{3}|…|\[\.\.\.\])[A-Za-z0-9]{0,8}")
_ALPHABETS = {
    "n": Lazy(r"[0-9]*"),
    "h": Lazy(r"[0-9a-fA-F]*"),
    "u": Lazy(r"[A-Z0-9]*"),
    "l": Lazy(r"[a-z0-9]*"),
    "a": Lazy(r"[A-Za-z0-9]*"),
    "w": Lazy(r"[A-Za-z0-9_\-]*"),
}
_by_start: "dict[str, list[tuple[str, str, str, int]]]" = {}
_inside: "list[tuple[str, str, str, int]]" = []


def _index() -> None:
    for kind, prefix, alphabet, length, _issuer in vendors.TOKENS:
        row = (kind, prefix, alphabet, length)
        if prefix.replace("_", "").replace("-", "").isalnum():
            _by_start.setdefault(prefix[:2], []).append(row)
        else:
            _inside.append(row)
    for rows in _by_start.values():
        rows.sort(key=lambda row: -len(row[1]))


def spans(text: str) -> "list[tuple[int, int, str]]":
    """Where tokens stand: start, end, kind."""
    if not _by_start:
        _index()
    found: list[tuple[int, int, str]] = []
    done = 0
    starts = _by_start
    for match in _RUN.finditer(text):
        run = match[0]
        start = match.start()
        if start < done:
            continue
        if run.isalpha() and run.islower():
            continue
        if start and text[start - 1] in "\\%":
            escaped = _escaped(text, start, run)
            run = run[escaped:]
            start += escaped
        kind = ""
        at = 0
        if run[:2] in starts:
            kind = _issued(run, text, start)
        if not kind and ("_" in run or "-" in run):
            for seam in _SEAM.finditer(run, 1):
                if run[seam.end() : seam.end() + 2] in starts:
                    kind = _issued(run[seam.end() :], text, start + seam.end())
                    if kind:
                        at = seam.end()
                        break
        end = match.end()
        if kind:
            end = _extent(text, start + at, end, kind)
        elif len(run) >= 20 and is_random_run(run):
            kind = "token"
            start, end = _around(text, start, end)
        if kind:
            found.append((start + at, end, kind))
            done = end
    for kind, prefix, alphabet, length in _inside:
        position = text.find(prefix)
        while position >= 0:
            end = position + len(prefix)
            if position == 0 or not text[position - 1].isalnum() or _after_escape(text, position):
                rest = _ALPHABETS["w"].match(text, end)
                if rest and _is_rest(rest[0], alphabet, length, prefix):
                    end = _extent(text, position, rest.end(), kind)
                    found.append((position, end, kind))
            position = text.find(prefix, end)
    return found


def _escaped(text: str, start: int, run: str) -> int:
    r"""How many characters at the start of a run belong to an escape: \n, \u003d, %3D."""
    if text[start - 1] == "%":
        return 2
    if run[0] == "u":
        return 5
    if run[0] == "x":
        return 3
    return 1 if run[0] in "nrtbfav0" else 0


def _after_escape(text: str, position: int) -> bool:
    return (position >= 2 and text[position - 2] in "\\") or (position >= 3 and text[position - 3] == "%")


def _issued(run: str, text: str, start: int) -> str:
    """The kind of a run with an issuer's prefix, or nothing."""
    for kind, prefix, alphabet, length in _by_start[run[:2]]:
        if run.startswith(prefix) and _is_rest(run[len(prefix) :], alphabet, length, prefix):
            return kind
    return ""


def _is_rest(rest: str, alphabet: str, length: int, prefix: str) -> bool:
    """Whether what follows a prefix is (a good part of) a token and no word."""
    fits = _ALPHABETS[alphabet].match(rest)
    reach = fits.end() if fits else 0
    distinctive = len(prefix) >= 4 and not prefix.isalpha()
    if reach >= length * 0.9:
        return distinctive or _mixed(rest[:reach]) or (alphabet == "h" and reach == len(rest) == length)
    if not distinctive:
        return False
    rest = rest[:reach]
    return len(rest) >= 6 and _mixed(rest) and (len(prefix) > 4 or len(rest) >= 10)


def _mixed(rest: str) -> bool:
    """Whether text cannot be words: digits among letters, or capitals inside."""
    return (not rest.isalpha() and any(map(str.isdigit, rest)) and changes(rest) >= 0.15) or changes(
        rest
    ) >= 0.35


def _extent(text: str, start: int, end: int, kind: str) -> int:
    """Where a token with a prefix ends: with its dotted or base64 tail, or what a mask left of it."""
    tail = _TAIL.match(text, end)
    if tail and tail.end() > end:
        piece = tail[0]
        # a tail of words is a path or the next field, not a part of the token
        if any(map(str.isdigit, piece)) and changes(piece.strip(".:+/=~$%")) >= 0.25:
            end = tail.end()
    masked = _MASKED.match(text, end)
    return masked.end() if masked and masked.end() - end > 3 else end


def _around(text: str, start: int, end: int) -> "tuple[int, int]":
    """The whole of a random run, with its neighbours beyond `+`, `/`, `=` and `.` when these are random too."""
    low = start
    while (
        low > 0
        and start - low < 4000
        and (text[low - 1].isalnum() or text[low - 1] in "+/_-")
        and text[low - 1] < "\x7f"
    ):
        low -= 1
    high = end
    limit = min(len(text), end + 8000)
    while high < limit and (text[high].isalnum() or text[high] in "+/_-.") and text[high] < "\x7f":
        high += 1
    while high > end and text[high - 1] == ".":
        high -= 1
    left, right = text[low:start], text[end:high]
    if left and ("/" not in left or changes(left) >= 0.3):
        start = low
    if right and ((right[0] != "." and "/" not in right) or changes(right) >= 0.3):
        end = high
    while end < len(text) and text[end] == "=":
        end += 1
    return start, end
