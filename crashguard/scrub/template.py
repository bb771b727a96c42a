"""Which pieces of a message are data, and what leaves in their place.

Theory of operation. *A message keeps what the program says and shows the shape of what it was given.* A
`Judge` names the pieces of a text that are data, as spans; the engine unites them with the spans of
secrets, whose marks win, and writes shapes in place of the rest. Three things tell the two apart:

1. With a live exception at hand: what the program's constants say stays (`constants`), what its variables
hold goes
   (`values`, `needles`, `alignment`).
2. Quotations (`quotes`), and places where a library writes a datum without quotes (`PLACES` in the
vocabulary). A
   quotation stays where it looks like a name: an option, a column, a type, a version, a path of code. A
   sentence in quotes stays, and what it quotes is judged again. Paths and URLs are judged by their segments.
3. Numbers and words outside of all that stay: without values nothing tells them from the program's own.

A shape keeps the kind of each character and hardly its number: `Marta Ruiz` is `[shape:Aaaa Aaaa]`. A run of
letters is cut at three, one of digits at four, the whole at four words or 24 characters. What may be a
secret has no shape at all.
"""

from crashguard.scrub._tables import (
    BEFORE_VALUES,
    CAPITALISED,
    ENDINGS,
    ERRORS,
    NAMED_BEHIND,
    PERSONAL,
    PERSONAL_VAGUE,
    PLACES,
    SAID,
    SCHEMA,
    SCHEMA_BEHIND,
    SPOKEN_BEFORE,
)
from crashguard.scrub.shapes import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from crashguard.scrub.constants import Constants
    from crashguard.scrub.needles import Needles

    Span = tuple[int, int]

LEVELS = ("none", "template", "shapes", "names", "full")

# ---- Notation

VALUE = "[value]"
_LETTERS, _DIGITS, _WORDS, _CHARACTERS = 3, 4, 4, 24  # where a shape is cut


def shape(value: str) -> str:
    """What a value looks like: `Aaaa Aaaa`. `..` stands for what is cut, and for what may be a secret."""
    if _may_be_secret(value):
        return ".."
    pieces: list[str] = []
    last, run, words = "", 0, 1
    for character in value:
        kind = _kind_of(character)
        run = run + 1 if kind == last else 1
        if kind == " " and run == 1:
            words += 1
        last = kind
        if words > _WORDS or len(pieces) >= _CHARACTERS:
            return "".join(pieces).rstrip() + ".."
        if run <= (_DIGITS if kind == "9" else 1 if kind == " " else _LETTERS):
            pieces.append(kind)
    return "".join(pieces)


def _kind_of(character: str) -> str:
    if character.isalpha():
        return "A" if character.isupper() else "a" if character.islower() else "u"
    if character.isdigit():
        return "9"
    if character.isspace():
        return " "
    return character if character.isascii() and character.isprintable() and character not in "[]" else "."


def _may_be_secret(value: str) -> bool:
    """Whether a value of one word mixes letters, digits and signs as passwords do."""
    if not 6 <= len(value) <= 200 or any(map(str.isspace, value)):
        return False
    bare = value.strip(".,:;")
    kinds = (
        any(map(str.isupper, bare)) + any(map(str.islower, bare)) + any(map(str.isdigit, bare))
        + any(not (c.isalnum() or c in ".,-_/:'") for c in bare)
    )  # fmt: skip
    return kinds >= 3


# ---- Names

_IDENTIFIER = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_HEX = frozenset("0123456789abcdefABCDEF-")
_SIGNS = frozenset("_.-:/()<>=,[]|!~^$%{}@#*+?&;")
_MOST_DIGITS = 8
_LONGEST_NAME = 120
ZONES = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/", "Etc/")
_ZONE = Pattern(rf"(?<![A-Za-z])(?:{'|'.join(ZONES)})[A-Z][A-Za-z_\-]{{1,30}}(?:/[A-Z][A-Za-z_]{{1,30}})?")
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
        return digits <= _DIGITS
    if len(word) >= 16 and digits and _HEX.issuperset(word):
        return True  # a hash, a uuid
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
            if len(each) > _DIGITS:
                return False
        elif each.isalpha() and not _is_single_name(each):
            if each not in ("Path", "Error") and not ("." in word and lower):
                return False
        else:
            lower += 1
    return lower > 0


# ---- The judge

QUOTES = frozenset("'\"`“„«\u2018\u2039「")

_WORD = Pattern(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_PERSONAL = frozenset(("name", "birth", "code", "lieu"))
_PARTS_OF_NAMES = Pattern(r"[^\W\d_]+")
_PLACES = tuple((gate, Pattern(pattern)) for gate, pattern in PLACES)
_BEFORE_VALUE = Pattern(rf"(?:{BEFORE_VALUES})[ :=(]{{0,3}}[bBrRuU]?\\{{0,4}}[\"'`“«]$")
_SPOKEN = Pattern(rf"(?i:{SPOKEN_BEFORE})[\"' ]{{0,2}}[:=]?[ (]{{0,2}}[\"'`]$")
_LAST_WORD = Pattern(r"([A-Za-z]+)[ :=]{0,2}[(\[]?[\"'`“«]$")
_SCHEMA_WORD = Pattern(r"([A-Za-z]+)[ :=]{1,2}$")
_NEXT_WORD = Pattern(r"[\"'`”»][ ]?([A-Za-z]+)")
_NAMED = Pattern(rf"[\"'`”»] (?:{NAMED_BEHIND})\b")
_CAPITALISED_WORDS = Pattern(r"(?<![\w'\u2019\-.])[A-Z][a-z'\u2019]+(?: [A-Z][a-z'\u2019]+)+(?![\w\-]|\.\w)")
_DEEPEST = 3  # quotations inside of quotations that are looked into
_LONG = 400  # characters of a text that say whether it is a message
_NEAR = 40  # characters around a quotation that say what it is


class Judge:
    """Says which pieces of a text are data.

    Args:
        level: One of `LEVELS`.
        vocabulary: Names that may stay: tables, columns, options. A callable is asked for each word.
        program: What the code says that the exceptions came through; None for a text without a crash.
        values: Finds out what the variables hold, once a text asks for it.
        made: Names of classes that were made at run time.

    Attributes:
        level: As above.
    """

    __slots__ = ("_asks", "_made", "_names", "_needles", "_program", "_values", "level")

    def __init__(
        self,
        level: str = "shapes",
        vocabulary: "frozenset[str] | Callable[[str], object]" = frozenset(),
        program: "Constants | None" = None,
        values: "Callable[[], Needles] | None" = None,
        made: "frozenset[str]" = frozenset(),
    ) -> None:
        self.level = level
        self._names = vocabulary if isinstance(vocabulary, frozenset) else frozenset()
        self._asks = None if isinstance(vocabulary, frozenset) else vocabulary
        self._program = program
        self._values = values
        self._made = made
        self._needles: Needles | None = None

    def spans(self, text: str) -> "list[Span]":
        """Where data stands in a text, in any order; spans may overlap.

        Args:
            text: The text, with a sign that is no letter in place of each mark.
        """
        if self.level == "full":
            return []
        found: list[Span] = []
        kept = [span for name in self._names if " " in name for span in occurrences(text, name)]
        if "/" in text:
            kept += [match.span() for match in _ZONE.finditer(text)]
        if self._program is not None:
            kept += self._program.spans(text)
            if self._values is not None and self._asks_for_values(text, kept):
                self._held()
            if self._needles is not None:
                self._needles.find(text, self, found, kept)
        if self.level == "template":
            return self._all_but(text, kept, found)
        if not QUOTES.isdisjoint(text):
            self._quoted(text, (0, len(text)), found, kept, 0)
        found += _placed(text)
        if self._program is not None:
            found += self._names_in_prose(text)
        if "=" in text or ":" in text or "</" in text:
            found += self._personal(text)
        foreign = [] if self._program is None else self._program.foreign(text)
        return without(found, kept) + [each for each in foreign if not self.keeps(text[slice(*each)])]

    def is_left(self, text: str) -> bool:
        """Whether a whole value is still in a text: the last look before it leaves."""
        return self._needles is not None and self._needles.is_left(text, self)

    def _names_in_prose(self, text: str) -> "list[Span]":
        """Runs of capitalised words that neither the program nor messages say: names of persons, places."""
        return [
            match.span()
            for match in _CAPITALISED_WORDS.finditer(text)
            if not any(
                word.lower() in SAID or word in CAPITALISED or self.says(word) or self.may_stay(word)
                for word in match[0].split(" ")
            )
            and not self.may_stay(match[0])
        ]

    def is_made_of_data(self, name: str) -> bool:
        """Whether a name is that of a class that was made at run time, of a value."""
        if name not in self._made or self.may_stay(name):
            return False
        if self.level in ("none", "template"):
            return True
        held = self._held()
        return held is not None and held.names(name)

    def tells(self, name: str) -> bool:
        """Whether a name holds the Capitalised word of a value: an environment or a version may."""
        if name.islower() or not any(map(str.isalpha, name)):
            return False
        held = self._held()
        return held is not None and held.tells(name)

    def _held(self) -> "Needles | None":
        """The values of variables, looked up once."""
        if self._values is not None:
            self._needles, self._values = self._values(), None
        return self._needles

    def _personal(self, text: str) -> "list[Span]":
        """Values behind the names of personal things."""
        if not any(map(_may_be_personal, _PARTS_OF_NAMES.regex.findall(text))):
            return []
        from crashguard.scrub import personal

        return [
            span
            for span in personal.spans(text, is_name)
            if not self.keeps(text[slice(*span)]) and not self.says(text[slice(*span)])
        ]

    def _asks_for_values(self, text: str, kept: "list[Span]") -> bool:
        """Whether a message holds a word that neither its program nor messages in general say."""
        words = [
            match.span()
            for match in _WORD.finditer(text)
            if match[0].lower() not in SAID and not (match[0].isdigit() and len(match[0]) <= _DIGITS)
        ]
        return bool(without(words, kept))

    def holds(self, segment: str) -> bool:
        """Whether a variable holds what a segment of a path is called, but for its ending."""
        return self._needles is not None and self._needles.is_word_of_value(segment.partition(".")[0])

    @property
    def is_live(self) -> bool:
        """Whether it knows the program and the values of a live exception."""
        return self._program is not None

    def may_stay(self, word: str) -> bool:
        """Whether the vocabulary of the tool names a word."""
        if word in self._names:
            return True
        if self._asks is None:
            return False
        try:
            return self._asks(word) is True
        except Exception:  # noqa: BLE001 (a function of the host's: what it breaks on does not stay)
            return False

    def keeps(self, value: str) -> bool:
        """Whether a value stays: the vocabulary names it, or it is a word at the level `names`."""
        if self.may_stay(value):
            return True
        return self.level == "names" and value.isalpha() and value.isascii()

    def _all_but(self, text: str, kept: "list[Span]", values: "list[Span]") -> "list[Span]":
        """At the level `template`: every value, and every word that no constant and no library says."""
        words = [
            match.span()
            for match in _WORD.regex.finditer(text)
            if not (match[0].lower() in SAID and (match[0].islower() or not _is_inside(text, match.start())))
            and not self.may_stay(match[0])
        ]
        return without([*words, *values], kept)

    def _quoted(self, text: str, where: "Span", found: "list[Span]", kept: "list[Span]", depth: int) -> None:
        """Judge the quotations of a stretch: what is data goes into `found`, what is a name into `kept`."""
        from crashguard.scrub.quotes import quotations

        start, end = where
        piece = text if end - start == len(text) else text[start:end]
        for low, high in quotations(piece):
            low, high = low + start, high + start  # noqa: PLW2901 (the same places in the whole text)
            if low == high:
                continue
            before = text[max(low - _NEAR, 0) : low]
            if _BEFORE_VALUE.search(before, 0, len(before)) and text[low:high] not in CAPITALISED:
                if not self.says(text[low:high]):
                    found.append((low, high))
                continue
            self._content(text, (low, high), found, kept, depth)

    def _content(self, text: str, where: "Span", found: "list[Span]", kept: "list[Span]", depth: int) -> None:
        """Judge what stands between two quotes."""
        low, high = where
        content, before, after = text[low:high], text[max(low - _NEAR, 0) : low], text[high : high + _NEAR]
        bare = content.strip()
        one_word = " " not in bare and "\n" not in bare
        if self._is_kept(bare, before, after):
            return
        if one_word and is_name(bare):
            self._name(content, where, _names_schema(before, after), found, kept)
        elif depth < _DEEPEST and (self._is_said(bare, before) or _is_container(content)):
            self._quoted(text, where, found, kept, depth + 1)
        elif one_word and ("/" in bare or "\\" in bare) and any(map(str.isalpha, bare)):
            found += [(low + start, low + end) for start, end in segments(content, self)]
        else:
            found.append(where)

    def _is_kept(self, bare: str, before: str, after: str) -> bool:
        """Whether the content of a quotation stays, whatever the values of variables are."""
        if not any(map(str.isalnum, bare)) or self.keeps(bare) or self.says(bare):
            return True
        if " " not in bare and "\n" not in bare:
            is_key = after[1:3].lstrip()[:1] == ":" and before.rstrip("'\"`bu")[-1:] in (" ", "{", ",")
            if is_key and bare.isascii() and bare.replace("_", "").isalpha():
                return True
            if self._needles is not None and not is_name(bare) and self._needles.is_key(bare):
                return True
        elif _names_schema(before, after) and len(bare.split()) <= _WORDS and _few_digits(bare):
            return True
        if before[-1:] == "`" and _is_code(bare):
            return True
        if bare[0] == "<" and bare[-1] == ">" and bare.islower():
            return True
        is_path = "/" in bare or "\\" in bare  # of which each segment is judged
        return (
            not (is_path or " " in bare or is_name(bare))
            and _names_schema(before, after)
            and _few_digits(bare)
        )

    def _name(
        self, content: str, where: "Span", is_schema: bool, found: "list[Span]", kept: "list[Span]"
    ) -> None:
        """Judge a quotation that looks like a name: it may be the value of a variable all the same."""
        needles, bare = self._needles, content.strip()
        data = segments(content, self) if "/" in bare or "\\" in bare else []
        if data:
            found += [(where[0] + start, where[0] + end) for start, end in data]
        elif is_schema:
            if needles is None or not needles.tells(bare):
                kept.append(where)
        elif needles is not None and needles.is_word_of_value(bare):
            found.append(where)

    def says(self, word: str) -> bool:
        """Whether the program's own text holds a word."""
        return self._program is not None and self._program.says(word)

    def _is_said(self, content: str, before: str) -> bool:
        """Whether a quotation is prose of a program: its words say so, or what stands before it."""
        words = _WORD.regex.findall(content)
        known = sum(word.lower() in SAID for word in words)
        if len(words) > 1 and known == len(words):
            return True
        if " " in content and any(quote in content for quote in "'\"`") and known * 2 >= len(words):
            return True
        is_spoken = len(words) > 2 and known * 2 >= len(words) and _SPOKEN.search(before) is not None
        return is_spoken or is_sentence(content)


def is_sentence(text: str) -> bool:
    """Whether a text is a message by itself: most of its words are those of messages, and one says so."""
    words = [word.lower() for word in _WORD.regex.findall(text[:_LONG])]
    known = sum(word in SAID for word in words)
    is_error = any(word in ERRORS for word in words) or words[:2] == ["no", "such"]
    return len(words) > 2 and is_error and known * 10 >= len(words) * 6


def behind_schema_word(text: str, at: int) -> bool:
    """Whether the word before a place says that a name of a schema or program follows: `table orders`."""
    before = _SCHEMA_WORD.search(text, max(at - _NEAR, 0), at)
    return before is not None and before[1].lower() in SCHEMA


def _may_be_personal(word: str) -> bool:
    """Whether a word, or its last part (customerCity), may name something personal."""
    last = max((at for at, character in enumerate(word) if character.isupper()), default=0)
    return any(
        each in PERSONAL or each in PERSONAL_VAGUE or each in _PERSONAL
        for each in (word.lower(), word[last:].lower())
    )


def _is_container(content: str) -> bool:
    """Whether a quotation is the repr of a list or dict, with quotations of its own."""
    return content[0] in "[{(" and any(quote in content for quote in "'\"`")


def _is_code(text: str) -> bool:
    """Whether what stands between backticks is code or a command: signs of code, no word with a capital."""
    has_signs = any(sign in text for sign in ("(", "[", "{", "--", "==", "@", "install "))
    return has_signs and text.isascii() and not any(word[:1].isupper() for word in text.split())


def _names_schema(before: str, after: str) -> bool:
    """Whether the word before or behind a quotation says that it is a name: column "x", 'x' object."""
    last = _LAST_WORD.search(before)
    if last is not None and (last[1].lower() in SCHEMA or last[1] == "named"):
        return True
    following = _NEXT_WORD.match(after)
    if following is None:
        return False
    return following[1].lower() in SCHEMA_BEHIND or _NAMED.match(after) is not None


def _few_digits(text: str) -> bool:
    return sum(map(str.isdigit, text)) <= _DIGITS


def segments(path: str, judge: Judge | None = None) -> "list[Span]":
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


def _placed(text: str) -> "list[Span]":
    """Data at places where a library writes it without quotes, such as `Key (email)=(x)`."""
    return [
        match.span("datum")
        for gate, pattern in _PLACES
        if gate in text
        for match in pattern.finditer(text)
        if (any(map(str.isalpha, match["datum"])) and not is_name(match["datum"]))
        or sum(map(str.isdigit, match["datum"])) > _DIGITS
    ]


def _is_inside(text: str, at: int) -> bool:
    """Whether a place is inside of a sentence and not at its beginning."""
    before = text[max(at - 2, 0) : at].strip()
    return bool(before) and before[-1] not in ".:;!?([\n"


def occurrences(text: str, needle: str) -> "list[Span]":
    """Where a text stands in another."""
    found: list[Span] = []
    at = text.find(needle)
    while at >= 0:
        found.append((at, at + len(needle)))
        at = text.find(needle, at + len(needle))
    return found


def without(spans: "list[Span]", kept: "list[Span]") -> "list[Span]":
    """Spans less what is kept."""
    if not kept or not spans:
        return spans
    kept = sorted(kept)
    left: list[Span] = []
    index = 0
    for start, end in sorted(spans):
        while index < len(kept) and kept[index][1] <= start:
            index += 1
        at, position = index, start
        while at < len(kept) and kept[at][0] < end:
            if kept[at][0] > position:
                left.append((position, kept[at][0]))
            position = max(position, kept[at][1])
            at += 1
        if position < end:
            left.append((position, end))
    return left
