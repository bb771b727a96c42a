r"""What a name says about its value (`db_password` yes, `password_policy` no), and how both are written down.

Theory of operation. The engine says where the stems of telling names (`pass`, `token`, `key` ...) stand in a
text. From each stem the grammar reads outwards:

    "db_password" :  'S3cr3tPw9',
     ^^^^^^^^^^^  name: the whole word around the stem, taken apart by `classify`
                ^^^^^^  separator: `=`, `:`, `=>`, `": "`, `', '`, a blank behind a switch, "was set to" ...
                      ^^^^^^^^^  value: quoted, escaped once or more often, bare, a list, cookies

and stops at the first of these that is not there. `classify` gives the name's level, which is how much the
value has to look like a secret before the name is believed, and its kind. A value is left alone when it is a
known harmless word, a reference or a mask (`is_stand_in`), program text (`_is_reference`), or the next name
of a list of names without values.

Every character is read once as part of a value. A value that turns out to be none may be read again behind
the next name; `_Work` bounds how often that may happen, and what lies beyond the bound is cut.
"""

from crashguard.scrub._tables import ABOUT, COUNTS, DATA_KEYS, HARMLESS, NAMES, RUN_TOGETHER, TRAILING
from crashguard.scrub.shapes import Pattern, has_digit, looks_random, wordiness

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

# How much a value has to look like a secret before its name is believed: it has to look random, it must not
# be a plain word, it must not be known to be harmless; for a person's number, it has to hold digits.
NONE, WEAK, MEDIUM, STRONG, NUMBER = range(5)

# ---- Names

_WORDS = Pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_LONGEST_ENDING = 4  # words that say together what a value is: "date of birth" and one more
_COUNTED = frozenset(("tokens", "keys", "codes", "cards", "passwords", "secrets", "token"))
_MOST_KNOWN = 2_000
# The same names come again in every text and environment: what was found out about one is kept.
_known: "dict[str, tuple[int, str]]" = {}


def classify(name: str) -> "tuple[int, str]":
    """How sure a name is that its value is a secret (NONE to NUMBER), and of which kind."""
    answer = _known.get(name)
    if answer is None:
        answer = _classify(name)
        if len(_known) < _MOST_KNOWN:
            _known[name] = answer
    return answer


def _classify(name: str) -> "tuple[int, str]":
    words = [word.lower() for word in _WORDS.regex.findall(name)]
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in TRAILING):
        if "".join(words[-2:]) in NAMES or "".join(words[-3:]) in NAMES:
            break
        words.pop()
    if not words:
        return NONE, ""
    for size in range(_LONGEST_ENDING, 1, -1):
        found = NAMES.get("".join(words[-size:])) if len(words) >= size else None
        if found is not None:
            return found
    last = words[-1]
    if last in ABOUT or (words[0] in COUNTS and last in _COUNTED):
        return NONE, ""
    if last in ("key", "keys") and len(words) > 1:
        return _of_key(words[-2])
    found = NAMES.get(last)
    return _run_together(last) if found is None else found


def _of_key(before: str) -> "tuple[int, str]":
    """What the word before `key` makes of it."""
    if before in DATA_KEYS:
        return NONE, ""
    if before in ("license", "licence", "product", "activation", "serial"):
        return MEDIUM, "license-key"
    if before in ("secret", "private"):
        return STRONG, "api-key"
    if before in ("api", "access", "auth", "signing"):
        return MEDIUM, "api-key"
    return WEAK, "key"


def _run_together(word: str) -> "tuple[int, str]":
    """Names without any seam: PGPASSWORD, mysqlpwd, secretkey, xapikey."""
    if len(word) > 5:
        for ending in RUN_TOGETHER:
            if word.endswith(ending):
                return NAMES.get(ending) or (NONE, "")
    return NONE, ""


# ---- Values

_TYPES = frozenset("Optional Union List Dict Tuple SecretStr Secret Any Callable Literal type class".split())
_TYPE = Pattern(r"[A-Za-z]+\b")
_STAND_IN = Pattern(
    r"""(?x)
    # a template, a mask, a reference, a colour, a digest
    \$(?:[A-Z_]+[A-Z_0-9]*|[a-z_]+|env:\w+)$|\$[{(]|%[A-Z_a-z]+%$|%[sdr]$|%\([a-z_]+\)s|\{[^}]*\}$|\{\{
    |<[^<>]*>$|\[[a-zA-Z_ .-]+\]$|\*+$|x{3,}$|X{3,}$|\.{2,}$|…$|-+$|_+$|•+$|\#+$|\?+$|@@
    |!(?:Ref|Sub|GetAtt|vault)\b|arn:|secret://|vault:|ref\+|op://|env:|file:|ssm:
    |\[scrubbed:|&lt;|\#[0-9a-fA-F]{3,8}$|(?:sha|md|blake)\d\w{0,4}[:=-]|[a-z]+://$|&amp;?$
    |\(?(?:hidden|redacted|masked|filtered)\)?$
    """
)
# An expression of a programming language: f(x), a.b[0], os.environ["X"], lambda: ...
_CODE = Pattern(
    r"""(?x)
    [A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*[(\[]
    |(?:self|cls|os|sys|config|conf|cfg|settings|args|opts|options|params|env|environ|request|req|ctx|context|app
       |this|kwargs|data|payload|process|secrets|credentials|creds|user|response|resp|obj|instance
      )(?:\.[A-Za-z_]\w*)+$
    |lambda\b|await\b|not\b|f["']
    """
)
_WORDY = Pattern(r"[a-z]+(?:[ _\-./:][a-z]+)*|[A-Z][a-z]+(?:[ _\-./:][A-Za-z]+)*|[A-Z]+(?:_[A-Z]+)*")
# A secret in a sentence: no program text, no constant, no name of an algorithm.
_SPOKEN = Pattern(r"(?!0x|[A-Z]{2,5}-?\d{1,4}$|[A-Z]{2,6}/\d|[*&(\[{]|v?\d+\.\d)[^\s=()\[\]{}]{6,4000}={0,2}")
_CODE_LINE_ABOVE = Pattern(r"\s*File \".{0,400}\", line \d+")
# How many digits the numbers of persons have.
_DIGITS_OF = {
    "card": (3, 19), "pin": (4, 8), "phone": (6, 15), "passport": (6, 12), "driving-licence": (5, 16),
    "birth-date": (4, 8), "tax-id": (4, 14), "national-id": (4, 20), "device-id": (6, 20),
}  # fmt: skip


_SHORT_NAME = 3  # letters of a name that stands for other things too: RFC, SIN, NIE
_LEAST_OF_SHORT = 6  # digits of a number behind one


def is_stand_in(value: str) -> bool:
    """Whether a value is a known harmless word, a reference, a template, a mask or a type."""
    head, blank, rest = value.partition(" ")
    if blank and head.lower() in ("bearer", "basic", "token"):
        value = rest
    bare = value.strip(" \t.,:;!'\"`()[]{}")
    if not any(map(str.isalnum, bare)) or bare.lower() in HARMLESS:
        return True
    if value.isalnum():  # most are, and the patterns need not be compiled for these
        return value in _TYPES or (len(value) > 2 and not (value.strip("x") and value.strip("X")))
    word = _TYPE.match(value)
    return bool((word and word[0] in _TYPES) or _STAND_IN.match(value))


def _is_believed(
    value: str, level: int, kind: str, spoken: bool, quoted: bool, *, short: bool = False
) -> bool:
    """Whether a value behind a name of that level is taken for the secret itself."""
    if is_stand_in(value):
        return False
    if level == NUMBER:
        return _is_number(value, kind, short)
    if level == WEAK:
        return looks_random(value)
    if spoken:
        return _is_believed_when_spoken(value, level, quoted)
    if level == STRONG:
        return len(value) > 3 or not value.isdigit()
    if value.isdigit():
        return len(value) >= (4 if kind == "one-time-code" else 6)
    if " " in value and _WORDY.fullmatch(value):
        return False
    if not quoted and value.replace("_", "").isalpha() and wordiness(value) > 0.7 and kind != "password":
        return False
    is_word = value.isalpha() and (value.islower() or value.istitle()) and len(value) < 12
    return len(value) >= 5 and not is_word


def _is_believed_when_spoken(value: str, level: int, quoted: bool) -> bool:
    """The same in a sentence: "the password is ...", where mostly nothing follows but more sentence."""
    if _WORDY.fullmatch(value) or value.endswith(("(", ":")):
        return False
    if quoted and level == STRONG:
        return len(value) >= 3
    return len(value) >= 6 and has_digit(value) and (quoted or _SPOKEN.fullmatch(value) is not None)


def _is_number(value: str, kind: str, short: bool) -> bool:
    digits = sum(map(str.isdigit, value))
    least, most = _DIGITS_OF.get(kind, (6, 40))
    if short and kind in ("national-id", "tax-id") and digits < _LEAST_OF_SHORT:
        return False  # RFC 9110 is no Mexican tax id
    if not (least <= digits <= most and len(value) <= 60):
        return False
    return digits * 2 >= len(value.strip()) - 8 or (kind in ("national-id", "tax-id") and value.isupper())


def _is_reference(value: str, text: str, start: int) -> bool:
    """Whether a bare value is program text: password=password, token=self.token, key=get_key()."""
    if value in ("lambda", "await", "not") or (not value.isalnum() and _CODE.match(value)):
        return True
    bare = value.rstrip(").,;:]}")
    if bare.isidentifier() and bare.count("_") > 1 and classify(bare)[0] != NONE:
        return True
    if bare.replace("_", "").replace(".", "").isalpha():
        if classify(bare)[0] != NONE:
            return True
        line = text.rfind("\n", 0, start) + 1
        if line:
            above = text.rfind("\n", 0, line - 1) + 1
            return bool(_CODE_LINE_ABOVE.match(text, above, line))
    return False


# ---- The grammar

_ENDINGS = ("code", "number", "hash", "key", "s")  # what a stem of three letters or less may be followed by
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_NO_SEPARATOR = frozenset("/;.?!+*$@{~^<")
_NAME_TAIL = Pattern(r"[A-Za-z0-9_.\-]*")
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
_LONGEST_NAME = 80
_WORD_BEFORE = Pattern(r"([A-Za-z]{2,20})[ ]$")

# What may stand between the end of a name and its value. Most pairs are plain: a pattern for these alone is
# compiled in a fraction of the time that the whole takes.
_CLOSE = r"""(?x)
    (?P<close>\\{0,16}["'`][\])]?|%22|\)|\])?      # the end of a quoted name, or of (name)= and [name]=
    """
_OPEN = r"""
    (?:[|>][+\-]?[1-9]?[ \t]{0,8}\r?\n[ \t]{1,40})?  # a block of yaml begins on the next line
    (?P<wrap>                                      # Secret("value"), b"value", string(5) "value"
      (?:string\(\d+\)\s|N(?=')|(?:[A-Z][A-Za-z_.]{0,40}|bytes|str|bytearray)\((?=[bBuUrR]?\\{0,16}["']))?
      (?:[bBuUrRfF@]{1,2}(?=\\{0,16}["']))?
      (?:""(?=")|''(?='))?)
    (?P<open>\\{0,16}["'`]|%22|&quot;|&\#3[49];|\[|\(|\{)?
    """
_ASSIGNS = r"(?:=>|:{1,3}=|->|={1,3}|(?:[.+]|[?|&]{1,2})=|:(?!//|:))"
_PLAIN = Pattern(_CLOSE + r"[ \t]{0,200}" + _ASSIGNS + r"\s{0,40}" + _OPEN)
_SEPARATOR = Pattern(
    _CLOSE
    + r"""
    (?:
      (?P<attribute>                               # name: X, value: Y
        [,\\]{0,4}\s{1,60}(?:\\{0,16}["'])?[Vv]al(?:ue)?(?:\\{0,16}["'])?\s{0,4}[:=]\s{0,4})
     |(?P<block>                                   # variable "x" { default = "y" }
        \s{1,4}\{[^{}]{0,200}?\bdefault\s{0,10}=\s{0,4})
     |(?P<below>[ ]{0,4}\n[ \t]{1,8}[^\n]{0,200}?input_value=)  # pydantic's errors
     |\s{0,8}"""
    + _ASSIGNS
    + r"""\s{0,20}                                  # name=value, name: value, name => value
     |(?P<part>[ ]{0,2}\r?\n[ ]{0,2}\r?\n)          # a part of a form
     |%3[DdAa](?:%20|\+)?|&\#(?:61|58);             # the same, escaped for a URL or a page
     |[ \t]?\|[ \t]+                                # | name | value |
     |(?P<pair>\s{0,2},(?!\sgot\s|\sbut\s)\s{0,4})                     # ('name', 'value')
     |(?P<tag>                                      # <name attribute="x">value</name>
        (?:</[A-Za-z]{1,20}>\s{0,20}<[A-Za-z]{1,20}|[^<>\n]{0,80})>(?:<value>)?)
     |(?P<words>                                    # the name was set to value
        (?:(?:,\s(?=got\b|but\b)|\s\(?)(?:provided|supplied|given|value|used|received|sent|string|header|is|was|were|to|of|set|now|but
        |es|est|ist|lautet|jest|changed|updated|reset|got|found|with|using|invalid|and|it|for\suser\s\S{1,40}|for\s\S{1,40}|in\suse|de\s\S{1,40}
        |:|=|number|no\.?|nr\.?|\#|no\slonger\svalid:|id)){1,4}(?:\s?[:=\#])?\s{1,4}
                                                    # a few words of any language and a colon
        |(?:\s[^\W\d_]{2,20}|[^\W\d_A-Za-z]{1,8}){1,3}\s?:\s{1,4})
     |(?P<blank>[ \t]{1,4})                         # --name value
    )
    """
    + _OPEN
)
_NOTATIONS = ("attribute", "part", "pair", "tag", "words", "blank")
_ESCAPED_QUOTES = ("%22", "&quot;", "&#34;", "&#39;")
_KEY_END = Pattern(r"""\\{0,16}["'`]\s?:""")
_NEXT_PAIR = Pattern(r"[A-Za-z_][\w.\-]{0,60}=(?!=)")
_SCHEME = Pattern(r"([A-Za-z][A-Za-z0-9\-]{2,28})(?:\s|%20|\+)(?:(?i:auth|token)=)?")
_SCHEMES = frozenset(
    """
    basic bearer token apikey api-key key digest negotiate ntlm geniekey ssws splunk bot hawk oauth jwt dpop
    aws4-hmac-sha256 sharedkey sharedaccesssignature aws api-token pat ghtoken klaviyo-api-key googlelogin
    """.split()
)
_PAIRS = Pattern(r"""[A-Za-z_\-]{2,30}=(?:\\{0,16}["']|[^\s=,]{1,200}(?:,|\s\S+=))""")
_BARE_END = Pattern(
    r"""(?x)
    [\s<>|]|["'`](?=[^A-Za-z0-9]|$)|\\(?=[nrt"'\\])|%26|%0[aAdD]|&amp;|\.{3}|…
    |[,;&](?=\s|$|["'}\])]|[\w.\- ]{1,40}\\?["']?\s?[=:])
    """
)
_COMPOUND = frozenset(("connection-string", "credentials"))
_INNER = Pattern(r"://|[A-Za-z_]\s?=\s?[^=\s;]+[;&]|[A-Za-z_]=[^=\s]+\s+[A-Za-z_]+=|[;&]\s?[A-Za-z_ ]+=")
_COOKIE = Pattern(r"""([^\s=;,"'\\]{1,80})=([^\s;,"'\\]{1,4000})""")
_COOKIE_ATTRIBUTES = frozenset(
    ("path", "domain", "expires", "max-age", "samesite", "version", "priority", "comment", "partitioned")
)
_DIGITS = Pattern(
    r"[A-Za-z]{0,4}[(+]?[A-Z0-9][A-Za-z0-9./()+\-]{0,30}"
    r"(?: [(+]?(?=[A-Z./()\-]{0,6}\d)[A-Z0-9./()+\-]{1,15}){0,6}(?: [A-Z]\b)?"
)
_ASSIGNED = Pattern(r"[A-Za-z_]['\"]?\s?[=:]\s?[\"']")
_ITEM = Pattern(r"""(\\*["'])((?:(?!\1).){1,4000})\1|([^\s,"'\[\](){}\\]{1,4000})""")

_MOST_AHEAD = 1_000_000


def spans(text: str, low: str, stems: "list[tuple[int, int]]") -> "list[tuple[int, int, str]]":
    """Where the values of telling names stand: start, end, kind.

    Args:
        text: Any text.
        low: The same in small letters, character for character.
        stems: Where the stems of telling names stand in it, in order.
    """
    found: list[tuple[int, int, str]] = []
    if len(text) <= _LONGEST_NAME and _NAME_TAIL.fullmatch(text):
        return found  # a name from end to end has no value behind it
    work = _Work(text)
    done = 0  # everything before is either a value or a name that was looked at
    for stem, stem_end in stems:
        if stem < done:
            continue
        is_inside = low[stem_end : stem_end + 1] in _LETTERS and not low.startswith(_ENDINGS, stem_end)
        if is_inside and stem_end - stem < 4:
            continue  # short stems are inside every other word
        start, end = _name_around(text, stem, stem_end)
        done = end
        is_apart = text[end : end + 1] in _NO_SEPARATOR and text[end + 1 : end + 2] != "="
        if end >= len(text) or (is_apart and not text.startswith("</key>", end)):
            continue
        try:
            value = _value_after(text, start, end, work)
        except _TooMuchError:
            found.append((start, len(text), "cut"))
            break
        if value is not None:
            found += value[0]
            done = value[1]
    return found


def named(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":  # noqa: ARG001 (a judge)
    """A judge: the group `secret`, where the group `name` names one."""
    level, kind = classify(match["name"])
    return [(*match.span("secret"), kind)] if level in (MEDIUM, STRONG) else []


class _TooMuchError(Exception):
    """A text was read so often that it can only be hostile."""


class _Work:
    """How many characters may still be read ahead in one text.

    A value that is found is read once. One that turns out to be none is read again behind the next name: that
    is rare, unless somebody has written `cookie: cookie: cookie:` for a megabyte. Then the rest goes unread.
    """

    __slots__ = ("left",)

    def __init__(self, text: str) -> None:
        self.left = _MOST_AHEAD + 16 * len(text)

    def spend(self, characters: int) -> None:
        self.left -= characters
        if self.left < 0:
            raise _TooMuchError


def _name_around(text: str, start: int, end: int) -> "tuple[int, int]":
    """The extent of the name around a stem."""
    tail = _NAME_TAIL.match(text, end, max(end, start + _LONGEST_NAME))
    end = tail.end() if tail else end
    while end > start and text[end - 1] in ".-":
        end -= 1
    if end < len(text):
        while start > 0 and text[start - 1] in _NAME_CHARACTERS and end - start < _LONGEST_NAME:
            start -= 1
    return start, end


def _value_after(
    text: str, start: int, end: int, work: _Work
) -> "tuple[list[tuple[int, int, str]], int] | None":
    """The secret values behind the name text[start:end], and where to go on."""
    name = text[start:end]
    if name[0] == "n" and start > 0 and text[start - 1] == "\\":
        name = name[1:]  # \npassword: the n is a line end that somebody escaped
    elif start > 0 and text[start - 1] == "%":
        name = name[2:]  # %3BPWD: the digits belong to the escape
    level, kind = classify(name)
    if level in (NONE, WEAK):
        before = _WORD_BEFORE.search(text, max(start - 40, 0), start)
        if before is not None:
            level, kind = classify(f"{before[1]}_{name}")
    if level == NONE:
        return None
    if "arn:" in text[max(start - 120, 0) : start].rpartition(" ")[2]:
        return None  # the name of a resource
    separator, notation = _PLAIN.match(text, end), ""
    if separator is None:
        separator = _SEPARATOR.match(text, end)
        if separator is None:
            return None
        notation = next((name for name in _NOTATIONS if separator[name] is not None), "")
        if not _separates(text, start, separator, notation):
            return None
    value = _Value(text, start, separator, notation, level=level, kind=kind, work=work)
    value.is_argument = notation == "blank" and name.startswith("-")
    return value.found()


def _separates(text: str, start: int, separator: "re.Match[str]", notation: str) -> bool:
    """Whether a separator stands where it means something: `>` behind a tag, `,` behind a quoted name ..."""
    close, before = separator["close"], text[max(start - 1, 0)]
    if notation == "attribute":
        return close is not None or before in " \t=:"
    if notation == "pair":
        return close is not None and close[-1] in "\"'`2;" and separator["open"] is not None
    if notation == "tag":
        return before in "<\"':"
    return notation != "part" or 'name="' in text[max(start - 6, 0) : start]


class _Value:
    """What stands behind a name and its separator.

    Attributes:
        text: The whole text.
        start: Where the name starts.
        separator: The separator, as `_PLAIN` or `_SEPARATOR` has matched it.
        notation: The group of `_SEPARATOR` that matched, or an empty text for `=`, `:` and the like.
        level: How sure the name is, NONE to NUMBER.
        kind: What the name says that the value is.
        work: How much may still be read.
        position: Where the value starts.
        opening: The quote or bracket before it.
        is_spoken: Whether words or a blank part it from the name, as in a sentence.
        is_argument: Whether it follows a switch: `--password S3cretPw`.
    """

    __slots__ = (
        "is_argument", "is_spoken", "kind", "level", "notation", "opening", "position", "separator", "start",
        "text", "work",
    )  # fmt: skip

    def __init__(
        self,
        text: str,
        start: int,
        separator: "re.Match[str]",
        notation: str,
        *,
        level: int,
        kind: str,
        work: _Work,
    ) -> None:
        self.text = text
        self.start = start
        self.separator = separator
        self.notation = notation
        self.level = level
        self.kind = kind
        self.work = work
        self.position = separator.end()
        self.opening: str | None = separator["open"]
        self.is_spoken = notation in ("words", "blank")
        self.is_argument = False

    def found(self) -> "tuple[list[tuple[int, int, str]], int] | None":
        """The secrets in it, and where to go on; None where there is none."""
        if self.is_spoken and self.start and self.text[self.start - 1] == "/":
            return None
        if self.kind == "cookie" and not self.is_spoken:
            return self._cookies()
        if self.opening is None:
            return self._bare()
        return self._bracketed() if self.opening in "[({" else self._quoted()

    def _secret(self, start: int, end: int) -> "tuple[list[tuple[int, int, str]], int]":
        return [(start, end, self.kind)], end

    def _is_believed(self, value: str, quoted: bool) -> bool:
        is_spoken = self.is_spoken and not self.is_argument
        short = self.separator.start() - self.start <= _SHORT_NAME
        return _is_believed(value, self.level, self.kind, is_spoken, quoted, short=short)

    def _bracketed(self) -> "tuple[list[tuple[int, int, str]], int] | None":
        """A list of values, or `{p;w}`, the way ODBC quotes one."""
        if self.opening != "{":
            return None if self.is_spoken else self._items("]" if self.opening == "[" else ")")
        if self.notation != "tag" and self.level == STRONG:
            close = self.text.find("}", self.position, self.position + 200)
            if close > self.position and not set(self.text[self.position : close]) & set("\"':={\n "):
                return self._secret(self.position, close)
        return None

    def _items(self, closing: str) -> "tuple[list[tuple[int, int, str]], int] | None":
        """The members of a list."""
        text, position = self.text, self.position
        end = text.find(closing, position)
        if end < 0:
            end = _line_end(text, position)
        self.work.spend(4 * (end - position))
        if _INNER.search(text, position, end) or _ASSIGNED.search(text, position, end):
            return None
        found = []
        for item in _ITEM.finditer(text, position, end):
            group = 2 if item[2] is not None else 3
            if item[group][0] != ":" and _is_believed(item[group], self.level, "", False, group == 2):
                found.append((*item.span(group), self.kind))
        if closing == ")" and self.kind == "credentials" and len(found) == 2:
            del found[0]  # (user, password)
        return (found, end) if found else None

    def _quoted(self) -> "tuple[list[tuple[int, int, str]], int] | None":
        assert self.opening is not None  # noqa: S101 (for the type checker)
        text, position = self.text, self.position
        close = _closing(text, position, self.opening)
        self.work.spend(close - position)
        position, are_pairs = self._behind_scheme(close)
        if are_pairs or (self.kind in _COMPOUND and _INNER.search(text, position, close)):
            return None
        if self.notation == "pair" and _KEY_END.match(text, close):
            return None  # {"x": "token", "next": ...}
        if not self._is_believed(text[position:close], True):
            return None
        return self._secret(self._behind_host(position, close), close)

    def _bare(self) -> "tuple[list[tuple[int, int, str]], int] | None":
        text = self.text
        if self._is_next_pair():
            return None
        position, are_pairs = self._behind_scheme(len(text))
        if are_pairs:
            return None
        close = self._bare_end(position)
        value = text[position:close]
        if self.kind in _COMPOUND and "://" in value:
            return None
        if value.endswith("aws4_request"):
            close = position + value.index("/") if "/" in value else close
            return [(position, close, "aws-key")], close
        if not value or not self._is_believed(value, False):
            return None
        if self.separator["wrap"] and value[0] in "([":
            return None
        if not self.is_argument:
            if _is_reference(value, text, self.start):
                return None
            if self.is_spoken and self.kind in ("key", "hash") and not looks_random(value):
                return None
        return self._secret(self._behind_host(position, close), close)

    def _bare_end(self, position: int) -> int:
        """The end of a value without quotes."""
        text = self.text
        if self.level == NUMBER:
            number = _DIGITS.match(text, position)
            return position + len(number[0].rstrip(" .(-/")) if number else position
        stop = _BARE_END.search(text, position)
        end = stop.start() if stop else len(text)
        self.work.spend(end - position)
        # a bracket that was not opened inside belongs to what surrounds the value
        value = text[position:end]
        for opening, closing in ("()", "[]", "{}"):
            at = value.find(closing)
            if at >= 0 and opening not in value[:at] and not value[at + 1 : at + 2].isalnum():
                value = value[:at]
        return position + len(value.rstrip(",;:.!?"))

    def _is_next_pair(self) -> bool:
        """Whether there is no value, but the next name: in `TOKEN= HOST=db`, and with each on its line."""
        separator = self.separator[0]
        if separator[0] != "=" or not separator[-1].isspace():
            return False
        following = _NEXT_PAIR.match(self.text, self.position)
        if following is None:
            return False
        behind = self.text[following.end() : following.end() + 1]
        is_padding = not behind or behind.isspace() or behind in "\"'"  # of base64
        return "\n" in separator or not is_padding or classify(following[0][:-1])[0] != NONE

    def _behind_scheme(self, end: int) -> "tuple[int, bool]":
        """Where credentials begin behind `Basic ` or the like, and whether they are again pairs."""
        scheme = _SCHEME.match(self.text, self.position, end) if self.level != NUMBER else None
        if scheme is None or scheme[1].lower() not in _SCHEMES:
            return self.position, False
        return scheme.end(), _PAIRS.match(self.text, scheme.end(), end) is not None

    def _behind_host(self, position: int, end: int) -> int:
        """Of a webhook's address only the path is secret."""
        if self.kind != "webhook":
            return position
        host = self.text.find("://", position, end)
        slash = self.text.find("/", host + 3, end) if host >= 0 else -1
        return slash + 1 if slash >= 0 else position

    def _cookies(self) -> "tuple[list[tuple[int, int, str]], int] | None":
        """The values of a Cookie header that are more than a preference."""
        text, position, opening = self.text, self.position, self.opening
        if opening is not None and opening in "[({":
            return None
        close = _closing(text, position, opening) if opening else _line_end(text, position)
        self.work.spend(4 * (close - position))
        found = []
        for pair in _COOKIE.finditer(text, position, close):
            name, value = pair[1], pair[2]
            if name.lower() in _COOKIE_ATTRIBUTES or is_stand_in(value):
                continue
            if classify(name)[0] != NONE or len(value) >= 12 or (len(value) >= 6 and has_digit(value)):
                found.append((*pair.span(2), "cookie"))
        if found:
            return found, found[-1][1]
        if "=" not in text[position:close] and _is_believed(text[position:close], MEDIUM, "", False, True):
            return self._secret(position, close if opening else self._bare_end(position))
        return None


def _closing(text: str, position: int, opening: str) -> int:
    """The end of a quoted value: the same quote, escaped as often. Unclosed values end with the line."""
    if opening in _ESCAPED_QUOTES:
        close = text.find(opening, position)
        return close if close >= 0 else _line_end(text, position)
    quote = opening[-1]
    level = len(opening) - 1
    period = 2 * (level + 1)
    scan = position
    while True:
        close = text.find(quote, scan)
        if close < 0:
            return _line_end(text, position)
        slash = close
        while slash > position and text[slash - 1] == "\\":
            slash -= 1
        count = close - slash
        following = text[close + 1 : close + 3]
        if quote == "'" and close > position and following[:1] == "'" and following[1:].isalnum():
            scan = close + 2  # doubled, as SQL and libpq write a quote in a text
            continue
        if count <= level or (count - level) % period == 0:
            return close - min(count, level)
        scan = close + 1


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    if end < 0:
        end = len(text)
    while end > position and text[end - 1] in " \t\r.…":
        end -= 1
    return end


# ---- INSERT statements, where the name of a value stands in another list

_INSERT = Pattern(
    r"(?i:insert\s+into|replace\s+into|merge\s+into)\s+[^\s(]{1,120}\s*\((?P<columns>[^()]{1,2000})\)\s*"
    r"(?i:values?|output)\s*"
)
_ROW = Pattern(
    r"\s*,?\s*\((?P<row>(?:[^()'\"]|'(?:[^'\\]|''|\\.){0,4000}'|\"(?:[^\"\\]|\\.){0,4000}\"|\([^()]{0,200}\))"
    r"{1,8000})\)"
)
_CELL = Pattern(
    r"\s*(?:[NEbBxX]?(?P<q>['\"])(?P<text>(?:(?!(?P=q))[^\\]|\\.|(?P=q)(?P=q))*)(?P=q)|(?P<bare>[^,'\"]+))\s*(?:,|$)"
)


def insert(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: the values of telling columns."""
    found: list[tuple[int, int, str]] = []
    statement = _INSERT.match(text, match.start())
    if statement is None:
        return found
    columns = [classify(name.strip(" \t\r\n`\"'[]\\")) for name in statement["columns"].split(",")]
    if all(level in (NONE, WEAK) for level, _ in columns):
        return found
    row = _ROW.match(text, statement.end())
    while row is not None:
        position, end = row.span("row")
        for level, kind in columns:
            cell = _CELL.match(text, position, end) if position < end else None
            if cell is None:
                break
            position = cell.end()
            group = "text" if cell["text"] is not None else "bare"
            value = cell[group].strip()
            if level in (NONE, WEAK) or is_stand_in(value) or value.startswith((":", "?", "@", "%")):
                continue
            if group == "text" or value.isdigit():
                found.append((*cell.span(group), kind))
        row = _ROW.match(text, row.end())
    return found
