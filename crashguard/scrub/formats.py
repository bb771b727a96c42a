"""Format texts: their fixed pieces, and the places in them where values come to stand.

All notations are read, whichever a text is meant in: `no %s in %(schema)s`, `no {table} in {0!r}`, `$name`.
"""


def pieces(text: str) -> "list[str]":
    """The fixed pieces of a format text: `no %s in {table} by $name` says `no`, `in` and `by`."""
    if "%" not in text and "{" not in text and "$" not in text:
        return [text] if text.strip() else []
    found: list[str] = []
    position = 0
    for start, end in _directives(text):
        found.append(text[position:start])
        position = end
    found.append(text[position:])
    return [piece for piece in found if piece.strip()]


def places(text: str) -> "list[tuple[int, int]]":
    """Where values stand in a format text."""
    return [(start, end) for start, end in _directives(text) if text[start:end] not in ("%%", "{{}")]


def _directives(text: str) -> "list[tuple[int, int]]":
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        end = _directive(text, at) if text[at] in "%{$" else 0
        if end:
            found.append((at, end))
        at = end or at + 1
    return found


def _directive(text: str, at: int) -> int:
    """Where a format directive ends that begins at a place; 0 where none does."""
    if text[at] == "$":
        braced = text[at + 1 : at + 2] == "{"
        end = start = at + 1 + braced
        while text[end : end + 1].isidentifier() or (end > start and text[end : end + 1].isdigit()):
            end += 1
        return end + braced if end > start else 0
    if text[at] == "{":
        end = text.find("}", at, at + 80)
        return end + 1 if end >= 0 else 0
    end = at + 1
    if text[end : end + 1] == "(":
        end = text.find(")", end, end + 80) + 1
        if not end:
            return 0
    while text[end : end + 1] and text[end] in "-+ #0123456789.*":
        end += 1
    return end + 1 if text[end : end + 1] and text[end] in "sdrfgixXac%" else 0


def placeholders(text: str) -> "list[str]":
    """The names in a format or template: `no ${table} in %(schema)s` names two."""
    found: list[str] = []
    for opening, closing in (("{", "}"), ("%(", ")")):
        at = text.find(opening)
        while at >= 0:
            end = text.find(closing, at, at + 80)
            name = text[at + len(opening) : end].partition(":")[0].partition("!")[0] if end >= 0 else ""
            if name.isidentifier():
                found.append(name)
            at = text.find(opening, at + 1)
    for word in text.split("$")[1:]:
        bare = word.lstrip("{")
        size = 0
        while size < len(bare) and (bare[size].isalnum() or bare[size] == "_"):
            size += 1
        if bare[:size].isidentifier():
            found.append(bare[:size])
    return found
