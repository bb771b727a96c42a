"""Tokens: runs of characters that an issuer's prefix or their randomness gives away.

Theory of operation. One pass finds the runs of token characters. The first two characters of a run look up
the issuers' prefixes, so that the length of that table costs nothing. A run without a prefix is a token
where it was drawn by lot rather than chosen by a person, and its neighbours beyond `+`, `/` and `.` are
then part of it.

Text drawn evenly from 62 characters changes its class (capital, small, digit) at 45 % of its characters.
Names do so at the seams of their words, at some 20 %, and they are made of words. The change from a capital
to a small letter is not counted, because every capitalised word makes it.
"""

from crashguard.scrub._tables import ISSUERS
from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

_CHANGE = Pattern(r"(?<=[a-z])[A-Z0-9]|(?<=[A-Z])[0-9]|(?<=[0-9])[A-Za-z]")
_WORD = Pattern(r"[A-Z]?[a-z]{4,}|[A-Z]{5,}")
_HEXADECIMAL = Pattern(r"[0-9a-f]+|[0-9A-F]+")
_UUID = Pattern(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def changes(run: str) -> float:
    """The share of neighbours that are of another class (capital, small, digit)."""
    return len(_CHANGE.regex.findall(run)) / max(len(run) - 1, 1)


def wordiness(text: str) -> float:
    """The share of a text that is words."""
    return sum(map(len, _WORD.regex.findall(text))) / max(len(text), 1)


def has_digit(value: str) -> bool:
    """Whether a digit is in a value."""
    return not value.isalpha() and any(map(str.isdigit, value))


def looks_random(value: str) -> bool:
    """Whether a value behind a name that says little (`key`, `hash`) is a secret: long, mixed, no UUID."""
    if len(value) < 12 or " " in value or _UUID.fullmatch(value):
        return False
    if value.isalpha() and (value.islower() or value.isupper()):
        return False
    if _HEXADECIMAL.fullmatch(value):
        return len(value) >= 32 and not value.isdigit()
    if "/" in value and value.startswith(("/", "./", "~", "s3:", "http", "gs:", "file:")):
        return False
    return changes(value) >= 0.2 and has_digit(value)


def is_hexadecimal(value: str) -> bool:
    """Whether a value is a number in hexadecimal digits or a UUID."""
    return _HEXADECIMAL.fullmatch(value) is not None or _UUID.fullmatch(value) is not None


def is_base64(value: str) -> bool:
    """Whether a value is of base64, its signs included, and drawn by lot."""
    bare = value.replace("/", "").replace("=", "").replace("+", "")
    if any(
        len(piece) > 4 and (piece.islower() or piece.istitle())
        for piece in value.split("/")
        if piece.isalpha()
    ):
        return False  # a path
    is_long = (
        bare.isalnum() and bare.isascii() and len(value) >= 32 and (value[-1] != "=" or len(value) % 4 == 0)
    )
    return is_long and has_digit(bare) and changes(bare) >= 0.22 and wordiness(bare) < 0.35


def _is_random_run(run: str) -> bool:
    """Whether a run of letters and digits with no name before it is a secret."""
    size = len(run)
    if size < 20 or run.isalpha() or run.isdigit():
        return False
    if _HEXADECIMAL.fullmatch(run) or _UUID.fullmatch(run):
        return False
    letters = run.replace("-", "").replace("_", "")
    if size - len(letters) > size * 0.09 + 0.5 or len(set(letters)) < 10:
        return False
    if letters.islower() or letters.isupper():
        return size >= (36 if letters.islower() else 32) and len(letters) == size and changes(letters) >= 0.22
    if sum(map(str.isdigit, letters)) < (2 if size < 40 else 1):
        return False
    words = wordiness(letters)
    if size < 28:
        return changes(letters) >= 0.28 and words < 0.35
    return changes(letters) >= 0.22 and words < 0.4


# ---- Tokens
_RUN = Pattern(r"(?a)\b[A-Za-z0-9_\-]{12,}")
# Both begin with characters that the machine skips to, and are read back from there, or on.
_PADDING = Pattern(r"=(?<=[A-Za-z0-9+/]{18}=)=?(?![A-Za-z0-9=])")
_APART = Pattern(r"[\s\"'`=(,](?P<run>[A-Za-z0-9+/]{30,300}={0,2})(?![^\s\"'`;,)&])")
_APART_FIRST = Pattern(r"(?P<run>[A-Za-z0-9+/]{30,300}={0,2})(?![^\s\"'`;,)&])")
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LONGEST_PADDED = 2000
_SEAM = Pattern(r"[_\-]+")
_PIECE = Pattern(r"[A-Za-z0-9_\-]+")
_MASKED = Pattern(r"(?:\*{2,}|\.{3}|…|\[\.\.\.\])[A-Za-z0-9]{0,8}(?![A-Za-z0-9])")
_DIGEST_BEFORE = Pattern(
    r"(?i)(?:(?:sha|md|blake|b2b|b3|xxh|crc|h)\d{0,3}s?|integrity|checksum|digest|etag|nar)[\s:=\-\"']{1,4}$"
)
_DIGEST = Pattern(r"(?:sha|md|blake)\d[\da-z]{0,4}[-_]")
_HEX = Pattern(r"[0-9a-f\-]+|[0-9A-F\-]+")
_ALPHABETS = {
    "n": Pattern(r"[0-9]*"),
    "h": Pattern(r"[0-9a-fA-F]*"),
    "u": Pattern(r"[A-Z0-9]*"),
    "l": Pattern(r"[a-z0-9]*"),
    "a": Pattern(r"[A-Za-z0-9]*"),
    "w": Pattern(r"[A-Za-z0-9_\-]*"),
}
_MOST_JUDGED = 500  # characters of a run that are looked at; the longest token has 250 behind its prefix


def tokens(text: str) -> "list[tuple[int, int, str]]":
    """A detector: runs with an issuer's prefix, random runs, and padded base64."""
    found: list[tuple[int, int, str]] = []
    done = 0
    chain = (0, 0)  # the last random run with its neighbours
    harmless: set[str] = set()  # a log says the same dates, paths and ids over and over
    for match in _RUN.finditer(text):
        start = match.start()
        run = match[0]
        if start < done or (run.islower() and run.isalpha()):
            continue
        if start and text[start - 1] in "\\%":
            escaped = _escaped(text, start, run)
            run = run[escaped:]
            start += escaped
        if run in harmless:
            continue
        span = _issued(text, run, start, match.end())
        if span is None and _is_random_run(run):
            chain = _around(text, start, match.end(), chain)
            done = chain[1]
            if not _is_digest(text, chain[0]) and not _is_digest(text, start):
                span = (*chain, "token")
        elif span is None:
            harmless.add(run)
        if span is not None:
            found.append(span)
            done = span[1]
    if "+" in text or "/" in text:
        found += _padded(text)
        found += _apart(text)
    return found


def _padded(text: str) -> "list[tuple[int, int, str]]":
    """Runs of base64 that end with its padding."""
    found: list[tuple[int, int, str]] = []
    for match in _PADDING.finditer(text) if "=" in text else ():
        run = text[max(match.start() - _LONGEST_PADDED - 1, 0) : match.start()]
        start = match.start() - len(run) + len(run.rstrip(_BASE64))
        if match.start() - start > _LONGEST_PADDED:
            continue
        if _is_random_base64(text[start : match.end()]) and not _is_digest(text, start):
            found.append((start, match.end(), "token"))
    return found


def _apart(text: str) -> "list[tuple[int, int, str]]":
    """Runs of base64 that stand by themselves."""
    first = _APART_FIRST.match(text)
    return [
        (*match.span("run"), "token")
        for match in (*(() if first is None else (first,)), *_APART.finditer(text))
        if is_base64(match["run"])
        and _is_mixed_case(match["run"])
        and not _is_digest(text, match.start("run"))
    ]


def _is_mixed_case(value: str) -> bool:
    return not (value.islower() or value.isupper())


def _is_random_base64(whole: str) -> bool:
    return len(whole) % 4 == 0 and changes(whole) >= 0.2 and wordiness(whole) < 0.5


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
    """The extent and kind of a run that has an issuer's prefix at its start or behind a seam."""
    at = 0
    while True:
        for prefix, kind, alphabet, length in ISSUERS.at(run[at : at + 2]):
            if run.startswith(prefix, at):
                rest = run[at + len(prefix) : at + _MOST_JUDGED]
                if _is_rest(rest, alphabet, int(length), prefix):
                    return start + at, _tail(text, end), kind
        seam = _SEAM.search(run, at + 1) if at or "_" in run or "-" in run else None
        if seam is None:
            return None
        at = seam.end()


def issued(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: prefixes with a dot or the like, with which no run begins."""
    start = match.start()
    before = text[start - 1 : start]
    if before.isalnum() and text[max(start - 2, 0) : start - 1] != "\\" and text[max(start - 3, 0)] != "%":
        return []
    for prefix, kind, alphabet, length in ISSUERS.at(match[0][:2]):
        if match[0].startswith(prefix) and _is_rest(match["rest"], alphabet, int(length), prefix):
            return [(start, _tail(text, match.end()), kind)]
    return []


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
    if share >= least and has_digit(rest):
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
        if len(word) < 2 or not has_digit(word) or changes(word) < 0.2 or word.startswith("20"):
            break
        if step == 1 and character in ":-" and len(word) < 8:
            break
        end = piece.end()
    end = _padded_end(text, end)
    while text.startswith("%3D", end):
        end += 3
    return _masked_end(text, end)


def _padded_end(text: str, end: int) -> int:
    while text.startswith("=", end):
        end += 1
    return end


def _masked_end(text: str, end: int) -> int:
    """The end of a token with what a mask left of it: `ghp_16C7e42F...4a`."""
    masked = _MASKED.match(text, end)
    return masked.end() if masked else end


def _is_digest(text: str, start: int) -> bool:
    return bool(_DIGEST.match(text, start) or _DIGEST_BEFORE.search(text, max(start - 24, 0), start))


def _around(text: str, start: int, end: int, chain: "tuple[int, int]") -> "tuple[int, int]":
    """The whole of a random run, with its neighbours beyond `+`, `/`, `.` where these are random too.

    A run that reaches back to the last `chain` belongs to it, and what stands before is known: so a text is
    walked through once, and not once for each of its runs.
    """
    while start > max(chain[1], 1) and text[start - 1] in "+/.~-_":
        low = start - 1
        while low > 0 and start - low < 300 and (text[low - 1] in "_-" or _is_plain(text[low - 1])):
            low -= 1
        piece = text[low : start - 1]
        if text[start - 1] != "+" and (changes(piece) < 0.25 or not has_digit(piece)):
            break
        if low and text[low - 1] == "\\" and piece.startswith(("n", "r", "t")):
            low += 1
        start = min(low, chain[0]) if low < chain[1] else low
    while end < len(text) and text[end] in "+/.~":
        following = _PIECE.match(text, end + 1)
        if following is None:
            end += text[end] in "+/"
            break
        word = following[0]
        is_word = len(word) > 3 and word.islower() and word.isalpha()
        if text[end] != "+" and (changes(word) < 0.25 or is_word):
            break
        end = following.end()
    return start, _masked_end(text, _padded_end(text, end))


def _is_plain(character: str) -> bool:
    return character < "\x7f" and character.isalnum()
