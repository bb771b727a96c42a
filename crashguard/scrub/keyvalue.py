"""The grammar of `name = value` in every notation that messages and logs use for it.

Finds names of the vocabulary, reads the separator behind them (`=`, `:`, `=>`, `": "`, `', '`, `>`, a blank
after a flag ...) and the value behind that: quoted, escaped once or more often, bare, or a list.

Must live here: how names and values are written down.
Must not be known here: which names matter (`keys`), which values are harmless (`benign`).
"""

import re

from crashguard.scrub import benign, keys
from crashguard.scrub.entropy import looks_random, wordiness
from crashguard.scrub.lazy import Lazy

_ENDINGS = ("code", "number", "hash", "key", "s")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_NO_SEPARATOR = frozenset("/;.?!+*$@{~^<")
_NAME_TAIL = Lazy(r"[A-Za-z0-9_.\-]*")
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")

# What may stand between the end of a name and its value.
_SEPARATOR = Lazy(
    r"""
    (?P<close>\\{0,16}["'`][\])]?|%22|\)|\])?      # the end of a quoted name, or of (name)= and [name]=
    (?:
      (?P<attribute>[,\\]{0,4}\s{1,60}(?:\\{0,16}["'])?[Vv]al(?:ue)?(?:\\{0,16}["'])?\s{0,4}[:=]\s{0,4})  # name: X, value: Y
     |(?P<block>\s{1,4}\{[^{}]{0,200}?\bdefault\s{0,10}=\s{0,4})               # variable "x" { default = "y" }
     |(?P<below>[ ]{0,4}\n[ \t]{1,8}[^\n]{0,200}?input_value=)                          # pydantic's errors
     |\s{0,8}(?:=>|:=|->|==?|:(?!//|:))\s{0,20}     # name=value, name: value, name => value
     |(?P<part>[ ]{0,2}\r?\n[ ]{0,2}\r?\n)          # a part of a form
     |%3[DdAa](?:%20|\+)?|&\#(?:61|58);             # the same, escaped for a URL or a page
     |[ \t]?\|[ \t]+                                # | name | value |
     |(?P<pair>\s{0,2},\s{0,4})                     # ('name', 'value')
     |(?P<tag>[^<>\n]{0,80}>)                       # <name attribute="x">value</name>
     |(?P<words>(?:\s(?:provided|supplied|given|value|used|received|sent|string|header|is|was|were|to|of|set|now
        |changed|updated|reset|got|found|with|using|invalid|and|it|for\suser\s\S{1,40}|for\s\S{1,40}|in\suse
        |:|=|number|no\.?|nr\.?|\#|no\slonger\svalid:|id)){1,4}(?:\s?[:=\#])?\s{1,4})
     |(?P<blank>[ \t]{1,4})
    )
    (?P<wrap>(?:string\(\d+\)\s|N(?=')|(?:[A-Z][A-Za-z_.]{0,40}|bytes|str|bytearray)\((?=[bBuUrR]?\\{0,16}["']))?
    (?:[bBuUrRfF@]{1,2}(?=\\{0,16}["']))?)
    (?P<open>\\{0,16}["'`]|%22|&quot;|&\#3[49];|\[|\(|\{)?
    """,
    re.VERBOSE,
)
_NEXT_PAIR = Lazy(r"[A-Za-z_][\w.\-]{0,60}=(?!=)")
_SCHEME = Lazy(
    r"(?:basic|bearer|token|apikey|api-key|key|digest|negotiate|ntlm|geniekey|ssws|splunk|bot|hawk|oauth|jwt|dpop"
    r"|aws4-hmac-sha256|sharedkey|sharedaccesssignature|aws|api-token|pat|ghtoken|klaviyo-api-key|googlelogin)"
    r"(?:\s|%20|\+)(?:auth=|token=)?",
    re.IGNORECASE,
)
_BARE_END = Lazy(
    r"""[\s<>|]|["'`](?=[^A-Za-z0-9]|$)|\\(?=[nrt"'\\])|[,;&](?=\s|$|["'}\])]|[\w.\- ]{1,40}\\?["']?\s?[=:])|%26|%0[aAdD]
    |&amp;|\.{3}|…""",
    re.VERBOSE,
)
_WORD_BEFORE = Lazy(r"([A-Za-z]{2,20})[ ]$")
_PAIRS = Lazy(r"""[A-Za-z_\-]{2,30}=(?:\\{0,16}["']|[^\s=,]{1,200}(?:,|\s\S+=))""")
_COMPOUND = frozenset(("connection-string", "credentials"))
_INNER = Lazy(r"://|[A-Za-z_]\s?=\s?[^=\s;]+[;&]|[A-Za-z_]=[^=\s]+\s+[A-Za-z_]+=|[;&]\s?[A-Za-z_ ]+=")
_KEY_END = Lazy(r"""\\{0,16}["'`]\s?:""")
_COOKIE = Lazy(r"""([^\s=;,"'\\]{1,80})=([^\s;,"'\\]{1,4000})""")
_COOKIE_ATTRIBUTES = frozenset(
    ["path", "domain", "expires", "max-age", "samesite", "version", "priority", "comment", "partitioned"]
)
_WORDY = Lazy(r"[a-z]+(?:[ _\-./:][a-z]+)*|[A-Z][a-z]+(?:[ _\-./:][A-Za-z]+)*|[A-Z]+(?:_[A-Z]+)*")
# A secret in a sentence: no program text, no constant, no name of an algorithm.
_SPOKEN = Lazy(r"(?!0x|[A-Z]{2,5}-?\d{1,4}$|[A-Z]{2,6}/\d|[*&(\[{]|v?\d+\.\d)[^\s=()\[\]{}]{6,4000}={0,2}")
_CODE_LINE_ABOVE = Lazy(r"\s*File \".{0,400}\", line \d+")
_DIGITS = Lazy(
    r"[A-Za-z]{0,4}[(+]?[A-Z0-9][A-Za-z0-9./()+\-]{0,30}(?: [(+]?(?=[A-Z./()\-]{0,6}\d)[A-Z0-9./()+\-]{1,15}){0,6}(?: [A-Z]\b)?"
)
_DIGITS_OF = {"card": (3, 19), "pin": (4, 8), "phone": (6, 15), "passport": (6, 12), "driving-licence": (5, 16),
              "birth-date": (4, 8), "tax-id": (4, 14), "national-id": (4, 20), "device-id": (6, 20)}  # fmt: skip
_ASSIGNED = Lazy(r"[A-Za-z_]['\"]?\s?[=:]\s?[\"']")
_ITEM = Lazy(r"""(\\*["'])((?:(?!\1).){1,4000})\1|([^\s,"'\[\](){}\\]{1,4000})""")

_MOST_AHEAD = 1_000_000

Span = "tuple[int, int, str]"


def spans(text: str, low: str, stems: "list[tuple[int, int]]") -> "list[tuple[int, int, str]]":
    """Where the values of telling names stand.

    Args:
        text: Any text.
        low: The same in lower case, character for character.
        stems: Where the stems of telling names stand in it, in order.
    """
    found: list[tuple[int, int, str]] = []
    work = _Work(text)
    if len(text) <= 80 and _NAME_TAIL.fullmatch(text):
        return found  # a name from end to end has no value behind it
    done = 0  # everything before is either a value or a name that was looked at
    for start, end in stems:
        if start < done:
            continue
        if end - start < 4 and low[end : end + 1] in _LETTERS and not low.startswith(_ENDINGS, end):
            continue  # short ones are inside every other word, and mean something at the end of one only
        tail = _NAME_TAIL.match(text, end)
        end = min(tail.end(), start + 80) if tail else end
        while end > start and text[end - 1] in ".-":
            end -= 1
        if end >= len(text):
            done = end
            continue
        while start > 0 and text[start - 1] in _NAME_CHARACTERS and end - start < 80:
            start -= 1
        done = end
        if text[end] in _NO_SEPARATOR:
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


class _TooMuchError(Exception):
    """A text was read so often that it can only be hostile."""


class _Work:
    """How many characters may still be read ahead in one text.

    A value that is found is read once. One that turns out to be none is read again behind the next name: that is
    rare, unless somebody has written `cookie: cookie: cookie:` for a megabyte. Then the rest goes unread.
    """

    __slots__ = ("left",)

    def __init__(self, text: str) -> None:
        self.left = _MOST_AHEAD + 16 * len(text)

    def spend(self, characters: int) -> None:
        self.left -= characters
        if self.left < 0:
            raise _TooMuchError


def _value_after(
    text: str, start: int, end: int, work: _Work
) -> "tuple[list[tuple[int, int, str]], int] | None":
    """The secret values behind the name text[start:end], and where to go on."""
    name = text[start:end]
    if name[0] == "n" and start > 0 and text[start - 1] == "\\":
        name = name[1:]  # \npassword: the n is a line end that somebody escaped
    elif start > 0 and text[start - 1] == "%":
        name = name[2:]  # %3BPWD: the digits belong to the escape
    level, kind = keys.classify(name) if name else (keys.NONE, "")
    if level in (keys.NONE, keys.WEAK):
        before = _WORD_BEFORE.search(text, max(start - 40, 0), start)
        if before is not None:
            level, kind = keys.classify(f"{before[1]}_{name}")
    if level == keys.NONE:
        return None
    if "arn:" in text[max(start - 120, 0) : start].rpartition(" ")[2]:
        return None  # the name of a resource
    separator = _SEPARATOR.match(text, end)
    if separator is None:
        return None
    quoted_name = separator["close"] is not None and separator["close"][-1] in "\"'`2;"
    if (
        separator["attribute"] is not None
        and separator["close"] is None
        and text[max(start - 1, 0)] not in " \t=:"
    ):
        return None
    if separator["pair"] is not None and not (quoted_name and separator["open"]):
        return None
    if separator["tag"] is not None and text[max(start - 1, 0)] not in "<\"':":
        return None
    if separator["part"] is not None and 'name="' not in text[max(start - 6, 0) : start]:
        return None
    spoken = separator["words"] is not None or separator["blank"] is not None
    if spoken and start and text[start - 1] == "/":
        return None
    flag = spoken and name.startswith("-") and separator["blank"] is not None
    opening = separator["open"]
    position = separator.end()
    if kind == "cookie" and not spoken:
        return _cookies(text, position, opening, work)
    if opening in ("[", "(", "{"):
        if opening == "{" and separator["tag"] is None and not text.startswith("}", position):
            close = _braced(text, position)
            if close is not None and level == keys.STRONG:
                return [(position, close, kind)], close
        if spoken or opening == "{":
            return None
        return _items(text, position, "]" if opening == "[" else ")", level, kind, work)
    if opening is not None:
        close = _closing(text, position, opening)
        work.spend(close - position)
        position, pairs = _behind_scheme(text, position, close, level)
        if pairs or (kind in _COMPOUND and _INNER.search(text, position, close)):
            return None
        if separator["pair"] is not None and _KEY_END.match(text, close):
            return None  # {"x": "token", "next": ...}
        value = text[position:close]
        if kind == "webhook":
            position = _behind_host(text, position, close)
        if not _believed(value, level, spoken and not flag, True, kind):
            return None
        return [(position, close, kind)], close
    if _is_next_pair(text, position, separator[0]):
        return None
    position, pairs = _behind_scheme(text, position, len(text), level)
    if pairs:
        return None
    close = _bare_end(text, position, level, work)
    value = text[position:close]
    if kind in _COMPOUND and "://" in value:
        return None
    if kind == "webhook":
        position = _behind_host(text, position, close)
    if value.endswith("aws4_request"):
        close = position + value.index("/") if "/" in value else close
        return [(position, close, "aws-key")], close
    if not value or not _believed(value, level, spoken and not flag, False, kind):
        return None
    if separator["wrap"] and value.startswith(("(", "[")):
        return None
    if not flag and _is_reference(value, text, start):
        return None
    if spoken and not flag and kind in ("key", "hash") and not looks_random(value):
        return None
    return [(position, close, kind)], close


def _is_next_pair(text: str, position: int, separator: str) -> bool:
    """Whether there is no value: in `TOKEN= HOST=db`, and with each on its line, the next name follows."""
    if separator[0] != "=" or not separator[-1].isspace():
        return False
    following = _NEXT_PAIR.match(text, position)
    if following is None:
        return False
    behind = text[following.end() : following.end() + 1]
    is_padding = not behind or behind.isspace() or behind in "\"'"  # of base64
    return "\n" in separator or not is_padding or keys.classify(following[0][:-1])[0] != keys.NONE


def _behind_scheme(text: str, position: int, end: int, level: int) -> "tuple[int, bool]":
    """Where the credentials begin behind `Basic ` or the like, and whether they are name=value pairs again."""
    scheme = _SCHEME.match(text, position, end) if level != keys.NUMBER else None
    if scheme is None:
        return position, False
    return scheme.end(), _PAIRS.match(text, scheme.end(), end) is not None


def _behind_host(text: str, position: int, end: int) -> int:
    """Of a webhook's address only the path is secret."""
    host = text.find("://", position, end)
    slash = text.find("/", host + 3, end) if host >= 0 else -1
    return slash + 1 if slash >= 0 else position


def _cookies(
    text: str, position: int, opening: "str | None", work: _Work
) -> "tuple[list[tuple[int, int, str]], int] | None":
    """The values of a Cookie header that are more than a preference."""
    if opening in ("[", "(", "{"):
        return None
    close = _closing(text, position, opening) if opening else _line_end(text, position)
    work.spend(4 * (close - position))
    found = []
    for pair in _COOKIE.finditer(text, position, close):
        name, value = pair[1], pair[2]
        if name.lower() in _COOKIE_ATTRIBUTES:
            continue
        level = keys.classify(name)[0]
        if level != keys.NONE or len(value) >= 12 or (len(value) >= 6 and _has_digit(value)):
            if not benign.is_stand_in(value):
                found.append((*pair.span(2), "cookie"))
    if (
        not found
        and "=" not in text[position:close]
        and _believed(text[position:close], keys.MEDIUM, False, True)
    ):
        end = close if opening else _bare_end(text, position, keys.MEDIUM, work)
        return [(position, end, "cookie")], end
    return (found, found[-1][1]) if found else None


def _believed(value: str, level: int, spoken: bool, quoted: bool, kind: str = "") -> bool:
    """Whether a value behind a name of that level is taken for the secret itself."""
    if benign.is_stand_in(value):
        return False
    if level == keys.NUMBER:
        digits = sum(map(str.isdigit, value))
        least, most = _DIGITS_OF.get(kind, (6, 40))
        if not (least <= digits <= most and len(value) <= 60):
            return False
        return digits * 2 >= len(value.strip()) - 8 or (kind in ("national-id", "tax-id") and value.isupper())
    if level == keys.WEAK:
        return looks_random(value)
    if spoken:
        if _WORDY.fullmatch(value) or value.endswith(("(", ":")):
            return False
        if quoted and level == keys.STRONG:
            return len(value) >= 3
        return len(value) >= 6 and _has_digit(value) and (quoted or _SPOKEN.fullmatch(value) is not None)
    if level == keys.STRONG:
        return len(value) > 3 or not value.isdigit()
    if level == keys.WEAK:
        return looks_random(value)
    if value.isdigit():
        return len(value) >= (4 if kind == "one-time-code" else 6)
    if " " in value and _WORDY.fullmatch(value):
        return False
    if not quoted and value.replace("_", "").isalpha() and wordiness(value) > 0.7 and kind != "password":
        return False
    return len(value) >= 5 and not (
        value.isalpha() and (value.islower() or value.istitle()) and len(value) < 12
    )


def _has_digit(value: str) -> bool:
    return not value.isalpha() and any(map(str.isdigit, value))


def _is_reference(value: str, text: str, start: int) -> bool:
    """Whether a bare value is program text: password=password, token=self.token, key=get_key()."""
    if benign.is_code(value):
        return True
    bare = value.rstrip(").,;:]}")
    if bare.isidentifier() and bare.count("_") > 1 and keys.classify(bare)[0] != keys.NONE:
        return True
    if bare.replace("_", "").replace(".", "").isalpha():
        if keys.classify(bare)[0] != keys.NONE:
            return True
        line = text.rfind("\n", 0, start) + 1
        if line:
            above = text.rfind("\n", 0, line - 1) + 1
            return bool(_CODE_LINE_ABOVE.match(text, above, line))
    return False


def _closing(text: str, position: int, opening: str) -> int:
    """The end of a quoted value: the same quote, escaped as often. Unclosed values end with the line."""
    if opening in ("%22", "&quot;", "&#34;", "&#39;"):
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
        if (
            quote == "'"
            and close > position
            and text[close + 1 : close + 2] == "'"
            and text[close + 2 : close + 3].isalnum()
        ):
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


def _braced(text: str, position: int) -> "int | None":
    """The end of `{p;w}`, the way ODBC quotes a value; not of `{'name': ...}`."""
    close = text.find("}", position, position + 200)
    if close < 0 or any(character in text[position:close] for character in "\"':={\n "):
        return None
    return close


def _bare_end(text: str, position: int, level: int, work: _Work) -> int:
    """The end of a value without quotes."""
    if level == keys.NUMBER:
        number = _DIGITS.match(text, position)
        if number is None:
            return position
        return position + len(number[0].rstrip(" .(-/"))
    end = len(text)
    for stop in _BARE_END.finditer(text, position):
        end = stop.start()
        break
    work.spend(end - position)
    # a bracket that was not opened inside belongs to what surrounds the value
    value = text[position:end]
    for opening, closing in ("()", "[]", "{}"):
        at = value.find(closing)
        if at >= 0 and opening not in value[:at]:
            after = value[at + 1 : at + 2]
            if not after.isalnum():
                value = value[:at]
    return position + len(value.rstrip(",;:.!?"))


def _items(
    text: str, position: int, closing: str, level: int, kind: str, work: _Work
) -> "tuple[list[tuple[int, int, str]], int] | None":
    """The members of a list behind a telling name."""
    end = text.find(closing, position)
    if end < 0:
        end = _line_end(text, position)
    work.spend(4 * (end - position))
    if _INNER.search(text, position, end) or _ASSIGNED.search(text, position, end):
        return None
    found = []
    for item in _ITEM.finditer(text, position, end):
        group = 2 if item[2] is not None else 3
        if _believed(item[group], level, False, group == 2) and ":" not in item[group][:1]:
            found.append((*item.span(group), kind))
    if closing == ")" and kind == "credentials" and len(found) == 2:
        del found[0]  # (user, password)
    return (found, end) if found else None
