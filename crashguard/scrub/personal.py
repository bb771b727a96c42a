"""Values behind the names of personal things: `patient: Marta Ruiz`, `{"gehalt": 5200}`, `<nom>Dupont</nom>`.

Theory of operation. One pattern finds each word that a separator follows. The word is taken apart
(`first_name`, `Nachname`, `customerCity`); its end says whether it names something personal, in ten
languages. A *sure* name (surname, diagnosis, salary) is believed whatever its value is. A *vague* one
(name, address, note) names things of programs as well: `column name: total`. It is believed if its value
looks like a person's: words with a capital or of another alphabet, or several words in quotes. Quoted
values end with their quote, others at a separator.
"""

from crashguard.scrub._tables import HARMLESS, PERSONAL, PERSONAL_VAGUE, SAID, SCHEMA_LOCALS
from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    Span = tuple[int, int]

_KEY = Pattern(
    r"(?<![^\W_])([^\W\d_](?:[^\W]|[ -](?=[a-z]{2})){1,30})"  # a word or two
    r"(?:\\?[\"'`]\s?[:=]|\s?[:=](?![:=/])|\")\s?>?|<([a-z_]{3,24})>"  # a separator, or a tag
)
_PARTS = Pattern(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])")
_BARE_END = Pattern(r"[,;&|\n\t<>(){}\[\]\"]|\\n|\.(?:\s|$)|\s[a-z_]{2,20}=")
_WORDS = Pattern(r"\S+")
_MOST_WORDS = 8
_PARTICLES = frozenset("de da dos del della di du la le van von der den ter bin ibn al y e".split())
_LONGEST = 400
_LONG = 20_000  # characters from which only telling lines are looked at


def spans(text: str, words: "set[str]", is_name: "Callable[[str], bool]") -> "list[Span]":
    """Where values of personal things stand in a text.

    Args:
        text: Any text.
        words: Those of its words that may name something personal.
        is_name: Says whether a word looks like a name of a program.
    """
    found: list[Span] = []
    done = 0
    said: dict[str, bool | None] = {}  # a log says the same keys over and over
    for match in _keys(text, words):
        if match.start() < done:
            continue
        key = match[2] or match[1]
        if key not in said:
            said[key] = _is_personal(key)
        sure = said[key]
        if sure is None or match[0].endswith(('""', "''")):
            continue
        start, end, is_quoted = _value(text, match.end())
        value = text[start:end]
        if not any(map(str.isalnum, value)) or value.lower() in HARMLESS:
            continue
        if not sure and not _is_persons(value, is_quoted, is_name):
            continue
        if not sure and not is_quoted:
            end = start + _length_of_names(value, is_name)
        if end > start:
            found.append((start, end))
            done = end
    return found


def _keys(text: str, words: "set[str]") -> "Iterator[re.Match[str]]":
    """Words that a separator follows; of a long text those on lines that hold a telling one."""
    if len(text) < _LONG:
        yield from _KEY.finditer(text)
        return
    lines: set[tuple[int, int]] = set()
    for word in words:
        at = text.find(word)
        while at >= 0:
            end = text.find("\n", at)
            end = end if end >= 0 else len(text)
            lines.add((text.rfind("\n", 0, at) + 1, end))
            at = text.find(word, end)
    for start, end in sorted(lines):
        # A separator may stand at the end of its line or at the beginning of the next.
        yield from _KEY.finditer(text, start, min(end + 3, len(text)))


def _is_personal(key: str) -> "bool | None":
    """Whether a key surely names something personal; False if it may, None if not."""
    words = [word.lower() for word in _PARTS.regex.findall(key)][-3:]
    if not words:
        return None
    for size in (3, 2, 1):
        if "".join(words[-size:]) in PERSONAL:
            return True
    if words[-1] not in PERSONAL_VAGUE:
        return None
    if len(words) > 1 and (words[-2] in SCHEMA_LOCALS or words[-2] in SAID):
        return None
    return False


def _value(text: str, at: int) -> "tuple[int, int, bool]":
    """Where the value behind a separator begins and ends, and whether it is quoted."""
    while text[at : at + 1] in ("\\", " ") and text[at : at + 1]:
        at += 1
    quote = text[at : at + 1]
    if quote in ("'", '"', "`") and quote:
        end = at + 1
        while True:
            end = text.find(quote, end, at + _LONGEST)
            if end < 0:  # cut before it was closed
                line = text.find("\n", at, at + _LONGEST)
                return at + 1, line if line >= 0 else min(len(text), at + _LONGEST), True
            if not text[end + 1 : end + 2].isalnum():
                break
            end += 1
        inner = end - 1 if text[end - 1] == "\\" else end
        return at + 1, inner, True
    stop = _BARE_END.search(text, at, at + _LONGEST)
    end = stop.start() if stop is not None else min(len(text), at + _LONGEST)
    words = list(_WORDS.finditer(text, at, end))[:_MOST_WORDS]
    return at, words[-1].end() if words else at, False


def _is_persons(value: str, is_quoted: bool, is_name: "Callable[[str], bool]") -> bool:
    """Whether a value of a vague key looks like a person's: capitals, another alphabet, several words."""
    if is_quoted and " " in value:
        return not all(word.lower() in SAID for word in value.split())
    return _length_of_names(value, is_name) > 0


def _length_of_names(value: str, is_name: "Callable[[str], bool]") -> int:
    """How long the words are with which a value begins that look like names of persons and places."""
    end = 0
    for match in _WORDS.finditer(value):
        word = match[0].strip(".,:;'\"()")
        is_capital = word[:1].isupper() and not is_name(word) and word.lower() not in SAID
        if end and word in _PARTICLES:
            continue
        if not (is_capital or not word.isascii() or (end and word.replace("-", "").isdigit())):
            break
        end = match.start() + match[0].find(word) + len(word)
    return end
