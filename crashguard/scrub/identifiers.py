"""Whether a word looks like a name of a program or a schema, and which segments of a path do not.

A single small word does (`orders`), a single Capitalised one does not (`Marta`), unless messages or
well-known names say it. What is joined by dots, hyphens, slashes or the like is judged by its parts.
"""

from crashguard.scrub._tables import CAPITALISED, ENDINGS, SAID
from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.spans import Span
    from crashguard.scrub.template import Judge

_IDENTIFIER = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_HEX = frozenset("0123456789abcdefABCDEF-")
_SIGNS = frozenset("_.-:/()<>=,[]|!~^$%{}@#*+?&;")
_MOST_DIGITS = 8
DIGITS, WORDS = 4, 4  # as many may stay
WORD = Pattern(r"[^\W_]+(?:['\u2019][^\W_]+)?")  # of a language, also with an apostrophe in it
_LONGEST_NAME = 120
_DOTS_OF_IP = 3
ZONES = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/", "Etc/")
ZONE = Pattern(rf"(?<![A-Za-z])(?:{'|'.join(ZONES)})[A-Z][A-Za-z_\-]{{1,30}}(?:/[A-Z][A-Za-z_]{{1,30}})?")
# What no value of a row is written as: types with a size, versions, classes of exceptions, signals.
_TERM = Pattern(
    r"u?int\d{1,3}|(?:big|b)?float\d{1,3}|[Dd]ecimal\d{1,3}|complex\d{1,3}|datetime64(?:\[\w+\])?"
    r"|v\d{1,4}(?:\.\d{1,4}){1,3}(?:[\-.+]?[a-z]{1,4}\d{0,4})?"
    r"|(?:[a-z_][a-z0-9_]{0,30}\.){0,6}[A-Z][A-Za-z0-9]{1,60}(?:Error|Exception|Warning)|SIG[A-Z]{2,6}[12]?"
    r"|(?:ORA|TNS|PLS|RMAN|DPY|DPI)-\d{4,5}|CVE-\d{4}-\d{4,6}"
)
_SURNAMES = ("Mc", "Mac", "De", "Di", "La", "Le", "Van", "Fitz", "O'")  # humps of persons: McDonald


def is_name(word: str) -> bool:
    """Whether a word looks like a name of a program or a schema: an option, a column, a type, a file.

    A single lower-case word does, a single Capitalised one does not.
    """
    if not word.isascii() or len(word) > _LONGEST_NAME:
        return False
    if word.isalpha():
        return _is_single_name(word)
    digits = sum(map(str.isdigit, word))
    if not any(map(str.isalpha, word)):
        return digits <= DIGITS
    if len(word) >= 16 and digits and _HEX.issuperset(word):
        return not _is_dump(word)  # a hash, a uuid
    if digits > _MOST_DIGITS:
        return False
    if word[0] in "%{<$@" or word[:2] in ("--", "0x") or (word[0] == "-" and len(word) == 2):
        return " " not in word
    if word.endswith("()"):
        return is_name(word[:-2])
    if _IDENTIFIER.issuperset(word):
        return "_" in word or not word[0].isupper() or (digits > 0 and _is_short_name(word))
    if not all(c in _IDENTIFIER or c in _SIGNS for c in word):
        return False
    return _are_names(word)


def is_term(word: str) -> bool:
    """Whether a word is written as types, versions, exceptions and signals are, and no value of a row is."""
    return _TERM.fullmatch(word) is not None


def _is_dump(word: str) -> bool:
    """Whether hexadecimal digits are those of a text."""
    if len(word) % 2 or "-" in word:
        return False
    try:
        text = bytes.fromhex(word)
    except ValueError:
        return False
    return all(32 <= byte < 127 for byte in text)


def _is_single_name(word: str) -> bool:
    if word.islower() or len(word) == 1:
        return True
    if word.isupper():
        return len(word) <= 4 or word in CAPITALISED
    if word in CAPITALISED:
        return True
    if word[1:].islower():
        return word.lower() in SAID  # Capitalised
    return not word.startswith(_SURNAMES) or word[2:].lower() == word[2:] or len(word) > 12


def _is_short_name(word: str) -> bool:
    """Whether letters and digits are a name such as IPv4, UTF8 or Base64."""
    letters = "".join(filter(str.isalpha, word))
    return len(word) <= 8 and (sum(map(str.isupper, letters)) > 1 or _is_single_name(letters))


def _are_names(word: str) -> bool:
    """Whether the parts of a dotted, hyphenated or otherwise joined name are names."""
    parts: list[str] = []
    part = ""
    for character in word:
        if character in _IDENTIFIER:
            part += character
        elif part:
            parts.append(part)
            part = ""
    parts += [part] if part else []
    if word.startswith(ZONES):
        return True
    if "-" in word and word not in CAPITALISED and any(p[0].isupper() and p[1:].islower() for p in parts):
        return False  # Marie-Claire
    lower = 0
    for each in parts:
        if each.isdigit():
            if len(each) > DIGITS:
                return False
        elif each.isalpha() and not _is_single_name(each):
            if each not in ("Path", "Error") and not ("." in word and lower):
                return False
        else:
            lower += 1
    return lower > 0


def is_joined(text: str) -> bool:
    """Whether a text may be a host, a path or an address: words with dots or slashes, no blanks."""
    if " " in text or len(text) > _LONGEST_NAME or not ("." in text or "/" in text):
        return False
    return any(map(str.isalpha, text)) or text.count(".") == _DOTS_OF_IP


def segments(path: str, judge: "Judge | None" = None) -> "list[Span]":
    """The segments of a path or URL that are no names: data in it."""
    found: list[Span] = []
    start = path.find("://") + 3 if "://" in path else 0
    if start:  # the host stays
        slash = path.find("/", start)
        start = slash if slash >= 0 else len(path)
    position = start
    for at in range(start, len(path) + 1):
        if at == len(path) or path[at] in "/\\?&=;#":
            segment = path[position:at]
            is_data = not _is_segment_name(segment) or (judge is not None and judge.holds(segment))
            if segment and is_data and not (judge is not None and judge.may_stay(segment)):
                found.append((position, at))
            position = at + 1
    return found


def _is_segment_name(segment: str) -> bool:
    if segment.endswith(":") or is_name(segment) or segment in CAPITALISED:
        return True
    stem, dot, ending = segment.rpartition(".")
    return bool(dot) and ending.lower() in ENDINGS and (not stem or is_name(stem))
