"""What stands behind a name and its separator: where the value ends, and whether it is a secret.

A value is quoted, escaped once or more often, bare, in brackets as ODBC writes it, a list, or cookies. Behind
`Basic ` and the like it begins with the credentials.
"""

from crashguard.scrub.names import (
    MEDIUM,
    NONE,
    NUMBER,
    SHORT_NAME,
    STRONG,
    classify,
    is_believed,
    is_reference,
    is_stand_in,
)
from crashguard.scrub.prepared import Pattern
from crashguard.scrub.tokens import has_digit, looks_random

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

    from crashguard.scrub.keyvalue import Work

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


class Value:
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
        work: "Work",
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
        short = self.separator.start() - self.start <= SHORT_NAME
        return is_believed(value, self.level, self.kind, is_spoken, quoted, short=short)

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
            if item[group][0] != ":" and is_believed(item[group], self.level, "", False, group == 2):
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
            if is_reference(value, text, self.start):
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
        if "=" not in text[position:close] and is_believed(text[position:close], MEDIUM, "", False, True):
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
