"""Where the values of variables stand in a message.

Theory of operation. Values lie in a heap until a message has a word of theirs (`heap`); then they are
indexed by their words. So a message looks up its own words and is never compared with each value. A value
goes where it stands as a whole, in any case and in the spellings of repr, JSON, SQL and URLs; so do those of
its words that are Capitalised, not ASCII or long numbers. Three words that follow each other in a value are
data wherever they do so in a message, because a long value may be cut there, or wrapped. Of a long text its
fields are taken, of an SQL statement its literals, of a path or URL its segments. A value that looks like a
name goes only as a whole token, and not where its variable is called column, path, option or the like
(`schema_locals`). A message that the program made already is no value: what it was made of is.
"""

from crashguard.scrub._tables import HARMLESS, MESSAGE_LOCALS, PORTS, SAID, SCHEMA_LOCALS, SETTINGS
from crashguard.scrub.heap import Heap
from crashguard.scrub.identifiers import ZONES, is_name, is_term, segments
from crashguard.scrub.prepared import Pattern
from crashguard.scrub.quoted import is_sentence, schema_word_before
from crashguard.scrub.quotes import QUOTES
from crashguard.scrub.spans import occurrences
from crashguard.scrub.values import LIBRARY_NAME, REACHED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from crashguard.scrub.constants import Constants
    from crashguard.scrub.heap import Entry
    from crashguard.scrub.spans import Span
    from crashguard.scrub.template import Judge

_SHORT = 400  # characters up to which a value is looked for as a whole
_MOST_FIELDS = 120
_SHORTEST = 3  # characters; 2 with a blank between
_DIGITS = 4  # as many may stay
_RUN = 3  # words that follow each other
_SCHEMA = "*"  # instead of its name, for a variable that holds a name of a schema
_TOGETHER = 8  # letters of a value that is looked for without its blanks

_WORD = Pattern(r"[^\W_]+")
_ESCAPED = Pattern(r"[\\%]([^\W_]+)")
_ESCAPES = (1, 2, 3, 5)  # characters of an escape behind its first: \n, %20, \xfc, \u00fc
_NUMBERED = Pattern(r"\d{3,6}_[a-z]+(?:_[a-z]+)*")  # a step of a migration: 0042_add_index
_HUMP = Pattern(r"[A-Z]?[^\W\d_A-Z]+")  # of a name such as NoSuchRow


class Needles:
    """The values of one report, to be found in its texts.

    Args:
        entries: Texts, each with the name of what held it.
        keys: Keys of dicts.
        program: What the program says: that is no value.
        given: Texts that were given to the program from outside, by its environment or by what it has read.
    """

    __slots__ = (
        "_called", "_given", "_heap", "_index", "_keys", "_of_longer", "_outside", "_program", "_runs",
        "_seen", "_single", "_special", "_whole",
    )  # fmt: skip

    def __init__(
        self,
        entries: "list[Entry]",
        keys: "set[str]",
        program: "Constants",
        given: "list[Entry] | None" = None,
    ) -> None:
        self._program = program
        self._keys = keys
        self._heap = Heap(entries)
        self._outside = Heap(given or [])
        self._given: set[str] = set()
        self._whole: dict[
            str, list[tuple[str, bool]]
        ] = {}  # by their first word; whether they look like a name
        self._single: set[str] = set()  # telling words of values
        self._special: list[str] = []  # values that have other spellings
        self._runs: set[tuple[str, ...]] = set()  # words of values that follow each other, in small letters
        self._index: set[str] = set()  # all words of short values
        self._of_longer: set[str] = set()  # words of values that have more: `marta ruiz`, `marta-ruiz`
        self._called: dict[str, list[str]] = {}  # how the variables are called that hold a value
        self._seen: set[tuple[str, bool]] = set()

    def _take(self, words: "Iterable[str]") -> None:
        """Index the values that hold one of some words, which are in small letters."""
        words = list(words)
        self._add(self._heap.holding(words))
        self._add(self._outside.holding(words), is_given=True)

    def _add(self, entries: "list[Entry]", *, is_given: bool = False) -> None:
        for text, name in entries:
            is_schema = name == REACHED if is_given else _is_schema_local(name)
            called = _SCHEMA if is_schema and name != REACHED else name.lower().rpartition("_")[2]
            for value, is_whole in self._parts(text, name, is_given=is_given):
                self._called.setdefault(value, []).append(called)
                if (value, is_schema) not in self._seen:
                    self._seen.add((value, is_schema))
                    self._value(value, is_schema, is_whole)
                    if is_given and is_whole:
                        self._given.add(value)

    def _parts(self, text: str, name: str, *, is_given: bool) -> "list[tuple[str, bool]]":
        """A value, or what a structured one consists of, each with whether single words of it count."""
        if name in MESSAGE_LOCALS or (" " in text and (self._program.made(text) or is_sentence(text))):
            return []
        if text[:12].lower().startswith(_STATEMENTS) and " " in text:
            return [(piece, False) for piece in _literals(text)]
        if _is_path(text) and (is_given or not is_name(text)):
            if any(f"/{zone}" in text for zone in ZONES):
                return []
            return [(text[low:high], True) for low, high in segments(text)]
        is_listing = ", " in text and _is_schema_local(name)  # of choices, as a message writes them out
        found = [(text, True)] if len(text) <= _SHORT and not is_listing else []
        if len(text) > _SHORT or any(sign in text for sign in ",;\n\t|="):
            found += [(field, len(text) <= _SHORT) for field in _fields(text)]
        return found

    def _value(self, value: str, is_schema: bool, is_whole: bool) -> None:
        """Index one value.

        Args:
            value: The text.
            is_schema: Whether its variable says that it is a name of a schema.
            is_whole: Whether it counts though it looks like a name: not if it is a field of a long text.
        """
        value = value.strip(" \t\r\n\"'")
        words = _WORD.regex.findall(value[:_SHORT])
        if not words or _is_common(value) or self._program.says(value) or self._states(value):
            return
        if len(words) > 1 and all(word.lower() in SAID for word in words):
            return  # prose of a message
        if len(words) > _RUN and not is_schema:
            low = [word.lower() for word in words]
            self._runs.update(zip(low, low[1:], low[2:], strict=False))
        is_named = is_name(value)
        is_number = is_named and not any(map(str.isalpha, value))
        if not is_number and (not is_named or (is_whole and not is_schema)):
            self._whole.setdefault(words[0].lower(), []).append((value, is_named))
            if not is_named and not value.isalnum():
                self._special.append(value)
            if is_named or value.isalnum():
                self._index.add(value)
        if not is_schema and not value.isalnum():
            long = [word for word in words if len(word) >= _SHORTEST]
            if " " in value:
                self._index.update(long)
            if " " in value or value.replace("-", "").isalpha():
                self._of_longer.update(long)
        if " " in value or not is_schema:
            self._single.update(filter(self._is_telling, words))

    def _is_telling(self, word: str) -> bool:
        """Whether a word of a value is looked for by itself: Capitalised, not ASCII, or a long number."""
        if len(word) < _SHORTEST or word.lower() in SAID or self._program.says(word):
            return False
        is_capitalised = word[0].isupper() and not is_name(word)
        return is_capitalised or not word.isascii() or (_has_digits(word) and not self._states(word))

    def _states(self, word: str) -> bool:
        """Whether a word of a value is a number of the tool's code."""
        return word.isdigit() and self._program.spells(word)

    def _is_free(self, word: str) -> bool:
        """Whether a word says nothing of anybody: one of messages, or a short or well-known number."""
        if not word.isdigit():
            return word in SAID
        return len(word) <= _DIGITS or word in PORTS.split("|") or self._states(word)

    # -- answers

    def is_key(self, word: str) -> bool:
        """Whether a word stands among the keys of a dict: a name of a schema."""
        return word in self._keys

    def is_given(self, word: str) -> bool:
        """Whether a word was given to the program from outside, as a whole."""
        self._take(_words(word))
        return word in self._given

    def is_word_of_value(self, word: str) -> bool:
        """Whether a word is a value, or one word of a value."""
        self._take(_words(word))
        return word in self._index and not self._program.says(word)

    def is_datum(self, word: str, announcing: str) -> bool:
        """Whether a variable holds a word that a message calls a name, and is itself not called so.

        Args:
            word: The word.
            announcing: The word beside it, such as `table`.
        """
        if word not in self._called:
            self._take(_words(word))
        called = self._called.get(word, ())
        if announcing in called or self._program.says(word):
            return False
        if self._is_respelt_datum(word, announcing):
            return True
        return word in self._of_longer or (word in self._index and _SCHEMA not in called)

    def _is_respelt_datum(self, word: str, announcing: str) -> bool:
        """Whether a variable has a word with capitals that a message has without: a library made it small."""
        spellings = (word.title(), word.upper()) if word.islower() else ()
        called = [self._called[each] for each in spellings if each in self._called]
        return bool(called) and not any(_SCHEMA in names or announcing in names for names in called)

    def is_value(self, text: str) -> bool:
        """Whether a stretch of a message is what a variable holds, though its words are those of messages.

        Asked of several words, or of a Capitalised one: a note ("no access"), a city (Reading).
        """
        if text[-1:] == "." and text[:1].isupper():
            return False  # a sentence: the message of a library
        if not QUOTES.isdisjoint(text) and is_sentence(text):
            return False  # the same, in the place of a key: what it quotes is judged by itself
        if not (" " in text or text[:1].isupper()) or self._program.says(text) or self._program.made(text):
            return False
        entries = (*self._heap.entries, *self._outside.entries)
        return any(each == text and name not in MESSAGE_LOCALS for each, name in entries)

    def names(self, name: str) -> bool:
        """Whether the name of a class is a value, or a part of it the Capitalised word of one."""
        self._take(part.lower() for part in _HUMP.regex.findall(name))
        is_word = name.isalpha() and (name.islower() or name[1:].islower())
        return (is_word and self.is_word_of_value(name)) or any(
            part in self._single for part in _HUMP.regex.findall(name)
        )

    def tells(self, name: str) -> bool:
        """Whether one of the words of a name is the Capitalised word of a value, or they are one together."""
        self._take(_words(name))
        if any(word in self._single for word in _WORD.regex.findall(name)):
            return True
        low = name.lower()
        if len(low) != len(name):
            return False
        plain = low.translate(_SEAMS)
        return any(
            self._respelt(name, low, plain, value.lower())
            for first in _words(name)
            for value, is_named in self._whole.get(first, ())
            if " " in value and not is_named
        )

    def is_left(self, text: str, judge: "Judge", facts: "frozenset[str]", published: str) -> bool:
        """Whether a whole value of two words or more, none of some facts, is still in a text.

        Args:
            text: The text.
            judge: Says what may stay.
            facts: What is no value, whoever holds it.
            published: What of the text is known to everybody.
        """
        self._add([entry for entry in self._heap.rest() if " " in entry[0]])
        return any(
            self._is_left(text, match.start(), value, judge) and text.count(value) > published.count(value)
            for match in _WORD.finditer(text)
            for value, is_named in self._whole.get(match[0].lower(), ())
            if " " in value and not is_named and value not in facts
        )

    def _is_left(self, text: str, at: int, value: str, judge: "Judge") -> bool:
        return (
            text.startswith(value, at)
            and _is_token(text, at, at + len(value))
            and not judge.may_stay(value)
            and not any(value in phrase for phrase in self._program.phrases)
            and not self._program.wrote(value)
        )

    def _find_values(
        self,
        text: str,
        low: str,
        plain: str,
        values: "Iterable[tuple[str, bool]]",
        *,
        judge: "Judge",
        found: "list[Span]",
        kept: "list[Span]",
    ) -> None:
        """Find where some values stand as a whole; the text is given as for `find` and `_respelt`."""
        for value, is_named in values:
            spans = _whole(text, text if is_named else low, value if is_named else value.lower())
            if " " in value and not is_named:
                spans += self._respelt(text, low, plain, value.lower())
            if not is_named:  # a constant of the program such as Plan.GOLD, and a row has Gold
                spans = [each for each in spans if not _is_constant(text[slice(*each)], value, judge)]
            may_stay = is_named and not self.tells(value)
            if judge.keeps(value):
                kept += spans
            else:
                found += [s for s in spans if not (may_stay and _is_announced(text, s, judge))]

    def _respelt(self, text: str, low: str, plain: str, value: str) -> "list[Span]":
        """Where a value of several words stands as a name, in a URL or a file's name is made of it.

        Args:
            text: The text.
            low: The same in small letters.
            plain: That with blanks for the signs that are put in the place of one.
            value: The value in small letters.
        """
        if all(word in SAID for word in _WORD.regex.findall(value)):
            return []
        bare = value.translate(_SEAMS)
        found = [span for span in occurrences(plain, bare) if text[slice(*span)].lower() != value]
        together = bare.replace(" ", "")
        if len(together) >= _TOGETHER:
            found += occurrences(low, together)
        return [
            span
            for span in found
            if (_is_token(text, *span) or _is_humped(text, *span))
            and not self._program.says(text[slice(*_token(text, *span))])
        ]

    def find(
        self, text: str, judge: "Judge", found: "list[Span]", kept: "list[Span]", said: "list[Span]"
    ) -> "list[Span]":
        """Find where values, and telling words of values, stand in a text.

        Args:
            text: The text.
            judge: Says which of them may stay.
            found: What is data is added to it.
            kept: What may stay is added to it.
            said: Where phrases of the program stand.

        Returns:
            What fills the holes in what the tool's own code has told: that is data, whatever it looks like.
        """
        low = text.lower()
        if len(low) != len(text):
            low = text  # the small form of a letter is longer: U+0130
        self._take(word for word in _words(text) if word not in SAID)
        plain = low.translate(_SEAMS)
        found += self._runs_in(text)
        tried: set[str] = set()
        for match in _WORD.finditer(text):
            word = match[0]
            is_telling = word in self._single or (
                word.isupper() and word.title() in self._single and not judge.is_written(word)
            )
            is_named = word in self._index or word in self._of_longer
            before = (
                schema_word_before(text, match.start())
                if is_named and _is_name_token(text, *match.span())
                else ""
            )
            if (is_telling or (before and judge.outweighs(word, before))) and not judge.keeps(word):
                found.append(match.span())
            for first in _firsts(word):
                if first not in tried:
                    tried.add(first)
                    self._find_values(
                        text, low, plain, self._whole.get(first, ()), judge=judge, found=found, kept=kept
                    )
        holes: list[Span] = []
        if self._program.makers:
            from crashguard.scrub.alignment import gaps, has_told

            holes = gaps(text, self._program.makers, judge, said)
            found += holes
            holes = holes if has_told(self._program.makers) else []
        if "\\" in text or "%" in text or "''" in text:
            from crashguard.scrub.spellings import spellings

            for value in self._special:
                for spelling in spellings(value):
                    found += occurrences(text, spelling)
        return holes

    def _runs_in(self, text: str) -> "list[Span]":
        """Where words follow each other as they do in a value, one of them at least none of messages."""
        if not self._runs:
            return []
        plain = text.replace("\\n", "  ").replace("\\t", "  ")
        words = [(match[0].lower(), *match.span()) for match in _WORD.finditer(plain)]
        return [
            (first[1], third[2])
            for first, second, third in zip(words, words[1:], words[2:], strict=False)
            if (first[0], second[0], third[0]) in self._runs
            and not all(self._is_free(each[0]) for each in (first, second, third))
        ]


def _is_constant(word: str, value: str, judge: "Judge") -> bool:
    """Whether a word of capitals is one of the program's, and a value only alike."""
    return word.isupper() and word != value and word.isidentifier() and judge.is_written(word)


def _is_announced(text: str, where: "Span", judge: "Judge") -> bool:
    """Whether a word says of what follows it that it is a name, and no variable more of it."""
    word = schema_word_before(text, where[0])
    return word != "" and not judge.outweighs(text[slice(*where)], word)


def _firsts(word: str) -> "list[str]":
    """A word of a text in small letters, and those that it consists of: `MartaRuiz`."""
    low = word.lower()
    if not word.isalpha() or low[1:] == word[1:] or word.isupper():
        return [low]
    return [low, *map(str.lower, _HUMP.regex.findall(word))]


def _words(text: str) -> "set[str]":
    """The words of a text in small letters, and what is left of those behind an escape without it."""
    words = {each for word in _WORD.regex.findall(text) for each in _firsts(word)}
    if "\\" in text or "%" in text:
        for match in _ESCAPED.finditer(text):
            word = match[1].lower()
            words.update(word[size:] for size in _ESCAPES if len(word) - size >= _SHORTEST)
    return words


def _has_digits(word: str) -> bool:
    return not word.isalpha() and sum(map(str.isdigit, word)) > _DIGITS


_SEAMS = {ord(sign): " " for sign in "-_+."}  # what stands for a blank in a file's name, a URL, an identifier


def _whole(text: str, haystack: str, value: str) -> "list[Span]":
    """Where a value stands as a word; one that looks like a name not inside of a longer name."""
    is_named = haystack is text and is_name(value)
    return [
        span
        for span in occurrences(haystack, value)
        if (_is_name_token if is_named else _is_token)(text, *span)
    ]


def _is_common(value: str) -> bool:
    """Whether a value is too short, a stand-in, a word of settings, a format or a time zone."""
    if len(value) < (_SHORTEST - 1 if " " in value else _SHORTEST):
        return True
    if value.startswith(ZONES):
        return True
    if is_term(value) or _NUMBERED.fullmatch(value):
        return True
    return value.lower() in HARMLESS or value.lower() in SETTINGS or "%(" in value or "{}" in value


def _is_path(text: str) -> bool:
    if " " in text or not ("/" in text or "\\" in text) or not any(map(str.isalpha, text)):
        return False
    return text[0] in "/.~" or "://" in text or text.count("/") > 1 or text[1:3] == ":\\"


_STATEMENTS = ("select ", "insert ", "update ", "delete ", "create ", "alter ", "with ", "merge ", "drop ")
_FIELD = Pattern(r"[^,;\n\t|=\"{}\[\]<>]{3,200}")


def _fields(text: str) -> "list[str]":
    return [
        field
        for field in (each.strip(" '\":") for each in _FIELD.regex.findall(text)[:_MOST_FIELDS])
        if len(field) > 2
    ]


def _literals(statement: str) -> "list[str]":
    from crashguard.scrub.quotes import quotations

    return [statement[low:high] for low, high in quotations(statement)[:_MOST_FIELDS]]


def _is_schema_local(name: str) -> bool:
    """Whether a variable of that name holds a name: column, table_name, output_path."""
    low = name.lower().removesuffix("_name")
    return low == LIBRARY_NAME or low in SCHEMA_LOCALS or low.rpartition("_")[2] in SCHEMA_LOCALS


def _is_token(text: str, start: int, end: int) -> bool:
    """Whether a stretch begins and ends with the words around it."""
    if text[end - 1].isalnum() and text[end : end + 1].isalnum():
        return False
    is_inside = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
    return not is_inside or text[max(start - 2, 0) : start - 1] == "\\"  # behind an escaped line end: \nmarta


def _is_humped(text: str, start: int, end: int) -> bool:
    """Whether a stretch is humps of a longer name: `exportMartaRuiz`."""
    return text[start].isupper() and not text[end : end + 1].islower()


def _token(text: str, start: int, end: int) -> "Span":
    """The name that a stretch is a part of."""
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return start, end


def _is_name_token(text: str, start: int, end: int) -> bool:
    """The same, and not as a part of a longer name, a path or a URL."""
    if not _is_token(text, start, end):
        return False
    before, after = text[start - 1 : start], text[end : end + 1]
    if start and (before in "_-./\\$@" or (before == ":" and text[start - 2 : start - 1] == ":")):
        return False
    if after and after in "_/\\(=":
        return False
    return not (after and after in "-.:" and text[end + 1 : end + 2].isalnum())
