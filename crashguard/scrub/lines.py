"""Which lines of a text are worth a pattern: those that hold one of its gates.

A search for a plain text is a hundred times as fast as a pattern, and most lines of most texts hold no gate.

Must live here: finding lines. Must not be known here: any pattern.
"""


def holding(low: str, gates: "tuple[str, ...]") -> "list[tuple[int, int]]":
    """The stretches of whole lines that hold one of the gates, in order, without overlap.

    Args:
        low: A text in lower case.
        gates: Plain texts in lower case; none stands for any line.
    """
    if not gates:
        return [(0, len(low))]
    found: list[tuple[int, int]] = []
    for gate in gates:
        at = low.find(gate)
        while at >= 0:
            start = low.rfind("\n", 0, at) + 1
            end = low.find("\n", at + len(gate))
            if end < 0:
                end = len(low)
            found.append((start, end))
            at = low.find(gate, end)
    if len(found) < 2:
        return found
    found.sort()
    merged = [found[0]]
    for start, end in found:
        if start < merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged
