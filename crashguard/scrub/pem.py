"""Private keys and other armoured blocks, with line ends, with escaped ones, and cut short.

Must live here: where a block ends. Must not be known here: keys without armour (`tokens`).
"""

from crashguard.scrub.lazy import Lazy

_BEGIN = Lazy(
    r"-{4,5}\s?BEGIN (?P<what>[A-Z0-9 ]{0,40}(?:PRIVATE KEY|MESSAGE|SECRET)[A-Z0-9 ]{0,10})\s?-{4,5}"
)
_PUTTY = Lazy(r"Private-Lines: \d+(?P<secret>[^:]{20,10000}?)(?=\r?\n?\\{0,4}n?Private-MAC|$)")
_BODY = Lazy(
    r"(?:(?:[\s\"'+>|]|\\{1,16}[nrt\"]){0,12}(?:(?:Proc-Type|DEK-Info|Version|Comment|Hash)[^\n\\]{0,100}"
    r"|[A-Za-z0-9+/=]{16,}))*(?:(?:\s|\\{1,16}[nrt]){1,8}[A-Za-z0-9+/=]{1,76}(?![^\s\"'\\,}.\]…]))?"
)
_LONGEST = 40_000


def spans(text: str) -> "list[tuple[int, int, str]]":
    """Where the insides of such blocks stand: start, end, kind."""
    found: list[tuple[int, int, str]] = []
    if "BEGIN " in text:
        for match in _BEGIN.finditer(text):
            start = match.end()
            limit = text.find("BEGIN ", start, start + _LONGEST)
            if limit < 0:
                limit = min(start + _LONGEST, len(text))
            end = text.find("-----END", start, limit)
            if end < 0:
                body = _BODY.match(text, start, limit)
                end = body.end() if body else start
            if end > start:
                found.append((start, end, "private-key"))
    if "Private-Lines" in text:
        found += [(*match.span("secret"), "private-key") for match in _PUTTY.finditer(text)]
    return found
