"""Which pieces of a message are data.

Theory of operation. *A message keeps what the program says and shows the shape of what it was given.* A
`Judge` names the pieces of a text that are data, as spans; the engine unites them with the spans of
secrets, whose marks win, and writes shapes in place of the rest. Three things tell the two apart:

1. With a live exception at hand: what the program's constants say stays (`constants`), what its variables
   hold goes (`values`, `needles`, `alignment`).
2. Quotations that are no names (`quoted`), and places where a library writes a datum without quotes
   (`places`).
3. Numbers and words outside of all that stay: without values nothing tells them from the program's own.
"""

from crashguard.scrub._tables import (
    CAPITALISED,
    PERSONAL,
    PERSONAL_VAGUE,
    PHRASES,
    PLACES,
    SAID,
    SETTINGS,
)
from crashguard.scrub.detect import different_words
from crashguard.scrub.identifiers import DIGITS, WORD, ZONE, ZONES, is_joined, is_name
from crashguard.scrub.prepared import Pattern
from crashguard.scrub.spans import joined, occurrences, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from crashguard.scrub.constants import Constants
    from crashguard.scrub.needles import Needles
    from crashguard.scrub.spans import Span

EXTERNAL = "<external>"  # what a report says instead of the name of what is not the tool's


QUOTES = frozenset("'\"`“„«\u2018\u2039「")

_PERSONAL = frozenset(("name", "birth", "code", "lieu"))
_PARTS_OF_NAMES = Pattern(r"[^\W\d_]+")
_GATES_OF_EXCERPTS = ("LINE ", "ear '", 'ear "', "[SQL: ", "xpected ", " input '", "t position ")
_GATES_OF_PYTHON = ("rrno ", "rror ", "sub-exception", "pydantic", "Unable to alloc", "port", ":27017")
_GATES_OF_PLACES = tuple(gate for gates, _ in PLACES for gate in gates.split("|"))
_CAPITALISED_WORDS = Pattern(
    r"(?<![\w'\u2019\-.])[A-Z][a-z'\u2019]+(?: [A-Z][a-z'\u2019]*[a-z])+(?![\w\-]|\.\w)"
)
_LONGEST_LITERAL, _LONGEST_WORD = 400, 40  # characters
_LONG = 20_000  # characters from which the same words are looked at once
_APART = 2  # characters between words that may be one value


class Judge:
    """Says which pieces of a text are data.

    Args:
        level: A level of `messages=`.
        vocabulary: Names that may stay: tables, columns, options. A callable is asked for each word.
        program: What the code says that the exceptions came through; None for a text without a crash.
        values: Finds out what the variables hold, once a text asks for it.
        made: Names of classes that were made at run time.
        is_of_names: Whether it is asked about names and not about messages: one that is a word and nothing
            else may stay.
        is_blind: Whether a message may hold values of another process, which no variable here holds: what
            neither the program nor libraries say is data then.

    Attributes:
        level: As above.
        is_of_names: As above.
        is_blind: As above.
        needles: The values, once a text has asked for them.
    """

    __slots__ = (
        "_asks", "_made", "_names", "_program", "_values", "is_blind", "is_of_names", "level", "needles",
    )  # fmt: skip

    def __init__(
        self,
        level: str = "shapes",
        vocabulary: "frozenset[str] | Callable[[str], object]" = frozenset(),
        program: "Constants | None" = None,
        values: "Callable[[], Needles | None] | None" = None,
        made: "frozenset[str]" = frozenset(),
        *,
        is_of_names: bool = False,
        is_blind: bool = False,
    ) -> None:
        self.level = level
        self.is_of_names = is_of_names
        self.is_blind = is_blind
        self._names = vocabulary if isinstance(vocabulary, frozenset) else frozenset()
        self._asks = None if isinstance(vocabulary, frozenset) else vocabulary
        self._program = program
        self._values = values
        self._made = made
        self.needles: Needles | None = None

    def of_names(self) -> "Judge":
        """A judge of names, such as those of guards, that knows the same."""
        vocabulary = self._names if self._asks is None else self._asks
        return Judge(
            self.level,
            vocabulary,
            self._program,
            self._held,
            self._made,
            is_of_names=True,
            is_blind=self.is_blind,
        )

    def spans(self, text: str) -> "list[Span]":
        """Where data stands in a text, in any order; spans may overlap.

        Args:
            text: The text, with a sign that is no letter in place of each mark.
        """
        if self.level == "full":
            return []
        found: list[Span] = []
        kept = [span for name in self._names if " " in name for span in occurrences(text, name)]
        kept += self.said_by_python(text)
        if "/" in text and any(zone in text for zone in ZONES):
            kept += [match.span() for match in ZONE.finditer(text) if not _goes_on(text, match.end())]
        pieces, excerpts = self._excerpts(text)
        holes: list[Span] = []  # what stands between the tool's own words
        if self._program is not None:
            kept += self._program.spans(text)
            if self.needles is not None or self._asks_for_values(text, kept):
                known = len(self._program.phrases)
                self._held()
                self._program.phrases.update(filter(text.__contains__, PHRASES.split("\n")))
                kept += self._program.spans(text) if len(self._program.phrases) > known else []
            if self.needles is not None:
                holes = self.needles.find(text, self, found, kept, [*kept, *without(pieces, excerpts)])
        if self.level == "template" or (self.is_blind and not self.is_of_names):
            from crashguard.scrub import remainder

            said = list(kept)
            self._at_shapes(text, found, kept, excerpts + holes)
            return [*without(found, kept), *remainder.spans(text, said, self, self._program)]
        said = list(kept)
        self._at_shapes(text, found, kept, excerpts + holes)
        if pieces or "^" in text:
            from crashguard.scrub import excerpts as shown

            shown.complete(text, pieces, found, kept, judge=self, program=self._program)
        foreign = [] if self._program is None else self._program.foreign(text, found)
        data = [
            span
            for each in without(joined(found), kept)
            if not (_is_short_number(text[slice(*each)]) or self.is_literal(text[slice(*each)]))
            for span in self._unspelt(text, *each)
        ]
        data += [each for each in foreign if not self.keeps(text[slice(*each)])]
        return data + self._directories(text, said)

    def _directories(self, text: str, said: "list[Span]") -> "list[Span]":
        """Directories of this machine, but for what the program says itself."""
        if self._program is None or ("/" not in text and "\\" not in text):
            return []
        from crashguard.scrub import directories

        return [
            span
            for start, end in without(directories.spans(text), said)
            if not self._program.wrote(directories.path_at(text, start))
            for low, high in self._unspelt(text, start, end)
            for span in [(low, high - (low > start and text[high - 1] == "/"))]
        ]

    def _excerpts(self, text: str) -> "tuple[list[Span], list[Span]]":
        """The pieces of statements in a text, and what is data in it for their sake."""
        if not any(gate in text for gate in _GATES_OF_EXCERPTS):
            return [], []
        from crashguard.scrub import excerpts

        return excerpts.read(text, self)

    @staticmethod
    def said_by_python(text: str) -> "list[Span]":
        """Where Python's own words stand in a message: `[Errno 2] No such file or directory`."""
        if not any(gate in text for gate in _GATES_OF_PYTHON):
            return []
        from crashguard.scrub import interpreter

        return interpreter.spans(text)

    def is_literal(self, text: str) -> bool:
        """Whether a stretch of a message is a text that a program's code was made with.

        Of the tool's own code that is any text, of a library's a word that looks like a name.
        """
        if self._program is None or len(text) > _LONGEST_LITERAL:
            return False
        is_word = len(text) <= _LONGEST_WORD and not text[:1].isupper() and is_name(text)
        if is_word and not self.is_given(text) and self._program.quotes(text):
            return True
        if is_joined(text) and self._program.spells(text.strip("'\"")):
            return True
        return self._program.wrote(text)

    def _unspelt(self, text: str, start: int, end: int) -> "list[Span]":
        """Of a path or an address what the tool's code does not say."""
        if self._program is None or text.find("/", start, end) < 0:
            return [(start, end)]
        from crashguard.scrub import directories

        return without([(start, end)], directories.spelt(text, start, end, self._program))

    def states(self, number: str) -> bool:
        """Whether a number stands in the tool's code."""
        return self._program is not None and number.isdigit() and self._program.spells(number)

    def is_value(self, text: str) -> bool:
        """Whether a variable holds a stretch of a message as a whole."""
        return self.needles is not None and self.needles.is_value(text)

    def _at_shapes(self, text: str, found: "list[Span]", kept: "list[Span]", known: "list[Span]") -> None:
        """What is data by its place goes into `found`, what is a name, but for `known` data, into `kept`."""
        places: list[Span] = []
        if any(gate in text for gate in _GATES_OF_PLACES):
            from crashguard.scrub.places import placed

            places, data = placed(text)
            found += data
        places = places + known
        found += known
        if not QUOTES.isdisjoint(text):
            names: list[Span] = []
            from crashguard.scrub.quoted import judged

            judged(text, (0, len(text)), self, found, names)
            kept += without(names, places)
        if self._program is not None:
            found += self._names_in_prose(text)
        if "=" in text or ":" in text or "</" in text:
            found += self._personal(text)

    def is_left(self, text: str, facts: "frozenset[str]" = frozenset(), published: str = "") -> bool:
        """Whether a whole value is still in a text: the last look before it leaves.

        Args:
            text: The text.
            facts: What the reporter says itself: of these it is no sign.
            published: The lines of code in the text. A label that stands in them is no value that leaves.
        """
        return self.needles is not None and self.needles.is_left(text, self, facts, published)

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
            if self._program is not None:
                self._program.look_up()
            self.needles, self._values = self._values(), None
        return self.needles

    def _personal(self, text: str) -> "list[Span]":
        """Values behind the names of personal things."""
        parts = set(_PARTS_OF_NAMES.regex.findall(text if len(text) < _LONG else different_words(text)))
        words = set(filter(_may_be_personal, parts))
        if not words:
            return []
        from crashguard.scrub import personal

        return [
            span
            for span in personal.spans(text, words, is_name)
            if not self.keeps(text[slice(*span)]) and not self.says(text[slice(*span)])
        ]

    def _asks_for_values(self, text: str, kept: "list[Span]") -> bool:
        """Whether a message holds a word that neither its program nor messages in general say.

        Where code raised it, or it quotes something, several words that messages say may be a value as well.
        """
        words = [
            match.span()
            for match in WORD.finditer(text)
            if match[0].lower() not in SAID
            and not (match[0].isdigit() and len(match[0]) <= DIGITS)
            and not self.says(match[0])
        ]
        if without(words, kept):
            return True
        has_raised = self._program is not None and self._program.has_raised
        if not has_raised and QUOTES.isdisjoint(text):
            return False
        left = self._not_said(text, without([match.span() for match in WORD.finditer(text)], kept))
        return len(left) > 1 or any(text[start].isupper() for start, _ in left)

    def _not_said(self, text: str, words: "list[Span]") -> "list[Span]":
        """Words less those that stand alone and are the program's, or a short number."""
        return [
            (start, end)
            for number, (start, end) in enumerate(words)
            if (number and start - words[number - 1][1] <= _APART)
            or (number + 1 < len(words) and words[number + 1][0] - end <= _APART)
            or not (self.says(text[start:end]) or (text[start:end].isdigit() and end - start <= DIGITS))
        ]

    def holds(self, segment: str) -> bool:
        """Whether a variable holds what a segment of a path is called, but for its ending."""
        return self.needles is not None and self.needles.is_word_of_value(segment.partition(".")[0])

    def is_declared(self, name: str) -> bool:
        """Whether a program declares a name of its own, such as that of a subcommand, in its source."""
        bare = name.lstrip("-")
        if not any(map(str.isalnum, bare)) or name == EXTERNAL or bare in SETTINGS or self.may_stay(name):
            return True
        spellings = (name, bare, bare.replace("-", "_"))
        return self._program is not None and (
            any(map(self._program.says, spellings)) or self._program.writes(spellings)
        )

    @property
    def is_live(self) -> bool:
        """Whether it knows the program and the values of a live exception."""
        return self._program is not None

    def announces(self, text: str, start: int, end: int) -> bool:
        """Whether the word before or behind a stretch says that it is a name of a schema or program."""
        from crashguard.scrub import quoted

        before, after = text[max(start - quoted.NEAR, 0) : start], text[end : end + quoted.NEAR]
        word = quoted.schema_word_before(text, start) or quoted.naming_word(before, after)
        return word != "" and not self.outweighs(text[start:end], word)

    def outweighs(self, word: str, announcing: str) -> bool:
        """Whether a variable that holds a word tells more than what announces a name: `tag bipolar`."""
        return (
            self.needles is not None and self.needles.is_datum(word, announcing) and not self.is_written(word)
        )

    def holds_values(self) -> bool:
        """Whether the values of variables are known; they are looked up."""
        return self._held() is not None

    def is_given(self, word: str) -> bool:
        """Whether a word that looks like a name was given to the program from outside."""
        return self.needles is not None and self.needles.is_given(word)

    def may_stay(self, word: str) -> bool:
        """Whether the vocabulary of the tool names a word."""
        if word in self._names:
            return True
        if self._asks is None:
            return False
        try:
            return bool(self._asks(word))
        except Exception:  # noqa: BLE001 (a function of the host's: what it breaks on does not stay)
            return False

    def keeps(self, value: str) -> bool:
        """Whether a value stays: the vocabulary names it, or it is a word at the level `names`."""
        if self.may_stay(value):
            return True
        return self.level == "names" and value.isalpha() and value.isascii()

    def says(self, word: str) -> bool:
        """Whether the program's own text holds a word."""
        return self._program is not None and self._program.says(word)

    def is_written(self, word: str) -> bool:
        """Whether a word is one of messages or of SQL, or stands in a source of the program."""
        if word.lower() in SAID or word in CAPITALISED or word.upper() in CAPITALISED or self.may_stay(word):
            return True
        return self.says(word) or (self._program is not None and self._program.writes((word,)))


def _may_be_personal(word: str) -> bool:
    """Whether a word, or its last part (customerCity), may name something personal."""
    last = max((at for at, character in enumerate(word) if character.isupper()), default=0)
    return any(
        each in PERSONAL or each in PERSONAL_VAGUE or each in _PERSONAL
        for each in (word.lower(), word[last:].lower())
    )


def _is_short_number(text: str) -> bool:
    """Whether a number of what goes is left, such as the status before its phrase."""
    return text.strip().isdigit() and len(text.strip()) <= DIGITS


def _goes_on(text: str, end: int) -> bool:
    """Whether a Capitalised word follows what looks like a time zone: `Europe/Marta Ruiz` is none."""
    return text[end : end + 1] == " " and text[end + 1 : end + 2].isupper()
