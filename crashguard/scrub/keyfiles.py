"""Blocks that are secret from end to end: armoured keys, and the data of a cluster's Secret.

A block may be cut short, indented, or written with escaped line ends.
"""

from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

# ---- Secrets of a cluster, where every value of a manifest's data is one

_SECRET_KIND = Pattern(r"(?i:kind)\\{0,4}[\"']?[ ]{0,4}[:=][ ]{0,4}\\{0,4}[\"']?(?:Sealed)?Secret\b")
_DATA_BLOCK = Pattern(
    r"(?m)^(?P<in>[ \t]{0,40})(?:- )?(?:data|stringData|encryptedData):[ \t]*\r?\n"
    r"(?P<body>(?:(?P=in)[ \t]+\S[^\n]*(?:\n|$))+)"
)
_DATA_LINE = Pattern(
    r"(?m)^[ \t]+(?:[\"']?[\w.\-/]{1,250}[\"']?:(?:[ \t]+[|>][+\-]?)?[ \t]*)?(?P<secret>[^\n]*)"
)
_DATA_OBJECT = Pattern(
    r"(?:data|stringData|encryptedData)\\{0,4}[\"']\s{0,8}:\s{0,8}\{(?P<body>[^{}]{1,200000})\}"
)
_DATA_ITEM = Pattern(r":\s{0,8}\\{0,4}(?P<q>[\"'])(?P<secret>[^\"'\\]{1,100000})\\{0,4}(?P=q)")


def manifests(text: str) -> "list[tuple[int, int, str]]":
    """A detector: the values in the data of a kubernetes Secret, as yaml, JSON or a repr."""
    if _SECRET_KIND.search(text) is None:
        return []
    found: list[tuple[int, int, str]] = []
    for blocks, items in ((_DATA_BLOCK, _DATA_LINE), (_DATA_OBJECT, _DATA_ITEM)):
        for block in blocks.finditer(text):
            for item in items.finditer(text, *block.span("body")):
                start, end = item.span("secret")
                value = item["secret"].strip(" \t\r\"'")
                if len(value) > 2 and value not in ("null", "true", "false"):
                    found.append((start, end, "secret"))
    return found


# ---- Armoured keys, with line ends, with escaped ones, and cut short

_BODY = Pattern(
    r"(?:(?:[\s\"'+>|]|\\{1,16}[nrt\"]){0,12}(?:(?:Proc-Type|DEK-Info|Version|Comment|Hash)[^\n\\]{0,100}"
    r"|[A-Za-z0-9+/=]{16,}))*(?:(?:\s|\\{1,16}[nrt]){1,8}[A-Za-z0-9+/=]{1,76}(?![^\s\"'\\,}.\]…]))?"
)
_PUTTY = Pattern(r"[^:]{20,10000}?(?=\r?\n?\\{0,4}n?Private-MAC|$)")
_LONGEST_KEY = 40_000


def armour(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: everything up to the end of the block, or as far as it looks like one."""
    start = match.end()
    limit = text.find("BEGIN ", start, start + _LONGEST_KEY)
    if limit < 0:
        limit = min(start + _LONGEST_KEY, len(text))
    end = text.find("-----END", start, limit)
    if end < 0:
        body = _BODY.match(text, start, limit)
        end = body.end() if body else start
    return [(start, end, "private-key")] if end > start else []


def putty(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: the private lines of a key of PuTTY's."""
    body = _PUTTY.match(text, match.end())
    return [(*body.span(), "private-key")] if body else []
