"""Finds tokens by what they are made of: an issuer's prefix, or characters that no person would choose.

One pass finds runs of token characters; the first two characters of a run look up the issuers' prefixes, so
that the length of the table costs nothing. Runs without a known prefix are judged by their randomness.

Must live here: runs, prefixes and their extent. Must not be known here: names before a value.
"""

from crashguard.scrub.entropy import changes, is_random_run, wordiness
from crashguard.scrub.lazy import Lazy

_RUN = Lazy(r"\b[A-Za-z0-9_\-]{12,}", 256)  # re.ASCII
_PADDED = Lazy(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{18,2000}={1,2}(?![A-Za-z0-9=])")
_SEAM = Lazy(r"[_\-]+")
_PIECE = Lazy(r"[A-Za-z0-9_\-]+")
_MASKED = Lazy(r"(?:\*{2,}|\.{3}|…|\[\.\.\.\])[A-Za-z0-9]{0,8}(?![A-Za-z0-9])")
_DIGEST_BEFORE = Lazy(
    r"(?:(?:sha|md|blake|b2b|b3|xxh|crc|h)\d{0,3}s?|integrity|checksum|digest|etag|nar)[\s:=\-\"']{1,4}$", 2
)
_DIGEST = Lazy(r"(?:sha|md|blake)\d[\da-z]{0,4}[-_]")
_HEX = Lazy(r"[0-9a-f\-]+|[0-9A-F\-]+")
_ALPHABETS = {
    "n": Lazy(r"[0-9]*"),
    "h": Lazy(r"[0-9a-fA-F]*"),
    "u": Lazy(r"[A-Z0-9]*"),
    "l": Lazy(r"[a-z0-9]*"),
    "a": Lazy(r"[A-Za-z0-9]*"),
    "w": Lazy(r"[A-Za-z0-9_\-]*"),
}
# The prefixes with a dot or the like, so that no run begins with them. Written down here, because the table costs
# a dying process a twentieth of its report and most texts hold none of them; a test compares the two.
ODD_PREFIXES = (
    "ya29.", "AQ.Ab", "t1.9eu", "v1.0-", "hvs.", "hvb.", "hvr.", "snyk_uat.", "pat.", "xoxe.", "SG.", "mlsn.",
    "dt0c01.", "dt0s16.", "pk.eyJ", "sk.eyJ", "tk.eyJ", "sha256~", "k8s-aws-v1.", "sl.",
)  # fmt: skip
_MOST_JUDGED = (
    500  # characters of a run that say whether it is a token; the longest has 250 behind its prefix
)
_by_start: "dict[str, list[tuple[str, str, str, int]]]" = {}
_inside: "list[tuple[str, str, str, int]]" = []


def spans(text: str) -> "list[tuple[int, int, str]]":
    """Where tokens stand: start, end, kind."""
    found: list[tuple[int, int, str]] = []
    done = 0
    for match in _RUN.finditer(text):
        start = match.start()
        if start < done:
            continue
        run = match[0]
        if run.islower() and run.isalpha():
            continue
        starts = _by_start or _index()
        span = None
        if start and text[start - 1] in "\\%":
            escaped = _escaped(text, start, run)
            run = run[escaped:]
            start += escaped
        if run[:2] in starts:
            span = _issued(text, run[:_MOST_JUDGED], start, match.end())
        if span is None and ("_" in run or "-" in run):
            for seam in _SEAM.finditer(run, 1):
                at = seam.end()
                if run[at : at + 2] in starts:
                    span = _issued(text, run[at : at + _MOST_JUDGED], start + at, match.end())
                    if span is not None:
                        break
        if span is None and len(run) >= 20 and is_random_run(run):
            low, high = _around(text, start, match.end())
            done = high
            if not _is_digest(text, low) and not _is_digest(text, start):
                span = (low, high, "token")
        if span is not None:
            found.append(span)
            done = span[1]
    if "=" in text and ("+" in text or "/" in text):
        for match in _PADDED.finditer(text):
            whole = match[0]
            if (
                len(whole) % 4 == 0
                and changes(whole) >= 0.2
                and wordiness(whole) < 0.5
                and not _is_digest(text, match.start())
            ):
                found.append((*match.span(), "token"))
    if ("." in text or "~" in text) and any(prefix in text for prefix in ODD_PREFIXES):
        if not _by_start:
            _index()
        for row in _inside:
            if row[1] in text:
                found += _prefixed(text, row)
    return found


def _index() -> "dict[str, list[tuple[str, str, str, int]]]":
    """Read the table of issuers; the rows by the first two characters of their prefix."""
    from crashguard.scrub import vendors

    for kind, prefix, alphabet, length, _issuer in vendors.TOKENS:
        row = (kind, prefix, alphabet, length)
        if prefix.replace("_", "").replace("-", "").isalnum():
            _by_start.setdefault(prefix[:2], []).append(row)
        else:
            _inside.append(row)
    for rows in _by_start.values():
        rows.sort(key=lambda row: -len(row[1]))
    return _by_start


def _escaped(text: str, start: int, run: str) -> int:
    r"""How many characters at the start of a run belong to an escape: \n, \u003d, %3D."""
    if text[start - 1] == "%":
        return 2
    if run[0] == "u":
        return 5
    if run[0] == "x":
        return 3
    return 1 if run[0] in "nrtbfav0" else 0


def _issued(text: str, run: str, start: int, end: int) -> "tuple[int, int, str] | None":
    """The extent and kind of a run with an issuer's prefix."""
    for kind, prefix, alphabet, length in _by_start[run[:2]]:
        if run.startswith(prefix) and _is_rest(run[len(prefix) :], alphabet, length, prefix):
            return start, _tail(text, end), kind
    return None


def _prefixed(text: str, row: "tuple[str, str, str, int]") -> "list[tuple[int, int, str]]":
    """Tokens whose prefix holds a dot or the like, so that no run begins with it."""
    kind, prefix, alphabet, length = row
    found = []
    position = text.find(prefix)
    while position >= 0:
        end = position + len(prefix)
        before = text[position - 1 : position]
        if (
            not before.isalnum()
            or text[max(position - 2, 0) : position - 1] == "\\"
            or text[max(position - 3, 0)] == "%"
        ):
            rest = _ALPHABETS["w"].match(text, end)
            if rest and _is_rest(rest[0], alphabet, length, prefix):
                end = _tail(text, rest.end())
                found.append((position, end, kind))
        position = text.find(prefix, end)
    return found


def _is_rest(rest: str, alphabet: str, length: int, prefix: str) -> bool:
    """Whether what follows a prefix is (a good part of) a token and no word."""
    fits = _ALPHABETS[alphabet].match(rest)
    rest = rest[: fits.end()] if fits else ""
    distinctive = (len(prefix) >= 4 and not prefix.isalpha()) or len(prefix) >= 8
    if len(rest) >= length * 0.9:
        if alphabet == "h" and not distinctive:
            return len(rest) == length and not rest.isdigit() and not rest.isalpha()
        if alphabet == "u" and len(rest) == length and len(prefix) >= 4:
            return True
        if distinctive:
            return _mixed(rest, 0.08) or (len(rest) >= 20 and not rest.islower() and wordiness(rest) < 0.35)
        return _mixed(rest, 0.2) and not _HEX.fullmatch(rest)
    return distinctive and len(rest) >= (6 if len(prefix) > 4 else 10) and _mixed(rest, 0.15)


def _mixed(rest: str, least: float) -> bool:
    """Whether text cannot be words: digits among letters, or capitals inside."""
    share = changes(rest)
    if share >= least and any(map(str.isdigit, rest)):
        return True
    letters = rest.replace("_", "").replace("-", "")
    return share >= max(least, 0.1) and letters.isalpha() and not letters.islower() and not letters.isupper()


def _tail(text: str, end: int) -> int:
    """Where a token ends: behind its dotted or base64 pieces, its padding, or what a mask left of it."""
    while end < len(text) - 1:
        character = text[end]
        step = 3 if text.startswith("%3D", end) or text.startswith("%2", end) else 1
        if step == 1 and character not in ".:+/=~$-%":
            break
        piece = _PIECE.match(text, end + step)
        if piece is None:
            break
        word = piece[0]
        # a piece of words is a path or the next field, and no part of the token
        if len(word) < 2 or not any(map(str.isdigit, word)) or changes(word) < 0.2 or word.startswith("20"):
            break
        if step == 1 and character in ":-" and len(word) < 8:
            break
        end = piece.end()
    while text.startswith("=", end):
        end += 1
    while text.startswith("%3D", end):
        end += 3
    masked = _MASKED.match(text, end)
    return masked.end() if masked else end


def _is_digest(text: str, start: int) -> bool:
    return bool(_DIGEST.match(text, start) or _DIGEST_BEFORE.search(text, max(start - 24, 0), start))


def _around(text: str, start: int, end: int) -> "tuple[int, int]":
    """The whole of a random run, with its neighbours beyond `+`, `/`, `.` when these are random too."""
    while start > 1 and text[start - 1] in "+/.~-_":
        low = start - 1
        while (
            low > 0
            and start - low < 300
            and text[low - 1] < "\x7f"
            and (text[low - 1].isalnum() or text[low - 1] in "_-")
        ):
            low -= 1
        piece = text[low : start - 1]
        if text[start - 1] != "+" and (changes(piece) < 0.25 or not any(map(str.isdigit, piece))):
            break
        if low and text[low - 1] == "\\" and piece.startswith(("n", "r", "t")):
            low += 1
        start = low
    limit = min(len(text), end + 20_000)
    while end < limit and text[end] in "+/.~":
        following = _PIECE.match(text, end + 1)
        if following is None:
            end += text[end] in "+/"
            break
        word = following[0]
        if text[end] != "+" and (
            changes(word) < 0.25 or (len(word) > 3 and word.islower() and word.isalpha())
        ):
            break
        end = following.end()
    while text.startswith("=", end):
        end += 1
    masked = _MASKED.match(text, end)
    return start, masked.end() if masked else end
