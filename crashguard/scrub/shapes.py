"""What gives itself away by its shape: tokens, credentials in URLs, addresses, numbers of persons, key files.

There are two ways in. A *judge* is asked about each match of a rule of the vocabulary that names it, and says
which stretches of it are private: the pattern of an e-mail address also fits `git@host`, and only the judge
knows the difference. A *detector* goes through a whole text, because no plain text announces what it looks
for. It begins with something cheap, such as counting digits, and leaves most texts at once.

All of them take a text and give spans: start, end, kind.
"""

import sys

from crashguard.scrub._compiled import PATTERNS
from crashguard.scrub._tables import ISSUERS, NOBODY, SAID

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

Span = "tuple[int, int, str]"
_END = 1 << 60


class Pattern:
    """A regular expression that is made at its first use: a dying process pays for what it needs."""

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled: re.Pattern[str] | None = None

    @property
    def regex(self) -> "re.Pattern[str]":
        """The compiled pattern."""
        if self._compiled is None:
            self._compiled = _of_table(self.source) or _by_compiler(self.source)
        return self._compiled

    def match(self, text: str, start: int = 0, end: int = _END) -> "re.Match[str] | None":
        """As `re.Pattern.match`."""
        return (self._compiled or self.regex).match(text, start, end)

    def search(self, text: str, start: int = 0, end: int = _END) -> "re.Match[str] | None":
        """As `re.Pattern.search`."""
        return (self._compiled or self.regex).search(text, start, end)

    def fullmatch(self, text: str, start: int = 0, end: int = _END) -> "re.Match[str] | None":
        """As `re.Pattern.fullmatch`."""
        return (self._compiled or self.regex).fullmatch(text, start, end)

    def finditer(self, text: str, start: int = 0, end: int = _END) -> "Iterator[re.Match[str]]":
        """As `re.Pattern.finditer`."""
        return (self._compiled or self.regex).finditer(text, start, end)


# The versions of the machine language whose words are those of the table: CPython 3.11, 3.12, 3.13 to 3.15.
_MAGICS = (20220615, 20221023, 20230612)


def _of_table(source: str) -> "re.Pattern[str] | None":
    """A pattern made of the compiled code in the table, without `re`; None where that is not possible."""
    if sys.implementation.name != "cpython" or sys.byteorder != "little":
        return None
    try:
        import _codecs  # both are built in
        import _sre  # type: ignore[import-not-found]  # what re.compile calls in the end

        if _sre.MAGIC not in _MAGICS or _sre.CODESIZE != 4:
            return None
        flags, groups, names, text, large = PATTERNS[source]
        words = memoryview(_codecs.utf_32_le_encode(text)[0]).cast("I").tolist()
        for word, places in large:
            for at in places:
                words[at] = word
        by_number: list[str | None] = [None] * (groups + 1)
        for name, number in names:
            by_number[number] = name
        made: re.Pattern[str] = _sre.compile(source, flags, words, groups, dict(names), tuple(by_number))
    except Exception:  # noqa: BLE001 (a private function of the interpreter: then the compiler has to do)
        return None
    return made


def _by_compiler(source: str) -> "re.Pattern[str]":
    import re

    return re.compile(source)


# ---- Randomness: whether a run of characters was drawn by lot rather than chosen by a person
#
# Text drawn evenly from 62 characters changes its class (capital, small, digit) at 45 % of its characters.
# Names do so at the seams of their words, at some 20 %, and they are made of words. The change from a capital
# to a small letter is not counted, because every capitalised word makes it.

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


# ---- Tokens: an issuer's prefix, or a random run
#
# One pass finds the runs of token characters. The first two characters of a run look up the issuers'
# prefixes, so that the length of the table costs nothing.

_RUN = Pattern(r"(?a)\b[A-Za-z0-9_\-]{12,}")
_PADDED = Pattern(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{18,2000}={1,2}(?![A-Za-z0-9=])")
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
    for match in _RUN.finditer(text):
        start = match.start()
        run = match[0]
        if start < done or (run.islower() and run.isalpha()):
            continue
        if start and text[start - 1] in "\\%":
            escaped = _escaped(text, start, run)
            run = run[escaped:]
            start += escaped
        span = _issued(text, run, start, match.end())
        if span is None and _is_random_run(run):
            chain = _around(text, start, match.end(), chain)
            done = chain[1]
            if not _is_digest(text, chain[0]) and not _is_digest(text, start):
                span = (*chain, "token")
        if span is not None:
            found.append(span)
            done = span[1]
    if "=" in text and ("+" in text or "/" in text):
        found += [
            (*match.span(), "token")
            for match in _PADDED.finditer(text)
            if _is_random_base64(match[0]) and not _is_digest(text, match.start())
        ]
    return found


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
        for prefix, kind, alphabet, length in ISSUERS.get(run[at : at + 2], ()):
            if run.startswith(prefix, at):
                rest = run[at + len(prefix) : at + _MOST_JUDGED]
                if _is_rest(rest, alphabet, length, prefix):
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
    for prefix, kind, alphabet, length in ISSUERS[match[0][:2]]:
        if match[0].startswith(prefix) and _is_rest(match["rest"], alphabet, length, prefix):
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


# ---- Credentials before an `@`

_DATABASE = Pattern(
    r"(?i:mongodb|postgres|mysql|mariadb|mssql|oracle|redis|amqp|clickhouse|snowflake|cockroach)[a-z0-9+]{0,20}"
    r":\\{0,4}/\\{0,4}/$"
)
_HOST = Pattern(r"[A-Za-z0-9\[(_%${*](?:[A-Za-z0-9.\-_\[\]:()%${}*,]*)(?:[/?#\\);&,]|$)")
_PLAIN_HOST = Pattern(r"[\w.\-\[\]*]*(?::\d{1,5})?")
_PGPASS = Pattern(
    r"(?<![\w:])[A-Za-z*][\w.*\-]{0,80}:(?:\d{4,5}|\*):[\w*.\-]{1,60}:[\w*.@\-]{1,60}:(?P<secret>[^\s\"',]{4,100})"
)
_PGPASS_PORT = Pattern(r":(?:[0-9]{4,5}|\*):[\w*.\-]{1,60}:[\w*.@\-]{1,60}:(?=[^\s\"',])")
_NOT_PASSWORDS = frozenset(
    ("x-oauth-basic", "x", "", "api", "oauth2", "x-access-token", "unused", "api_token")
)
_SCHEMES = ("mailto", "npm", "acct", "sip", "xmpp")


def userinfo(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: the credentials of a URL, of which everything behind `://` is given.

    In a path there may be an `@` (of npm's scopes, of a version), but not in the name of a database: there a
    password that nobody escaped goes on to the last one.
    """
    offset, rest = match.start("rest"), match["rest"]
    end = _userinfo_end(rest, _DATABASE.search(text, max(offset - 40, 0), offset) is not None)
    if end < 0:
        return []
    colon = rest.find(":", 0, end)
    if colon < 0:
        user = rest[:end]
        if len(user) >= 16 and (has_digit(user) or changes(user) > 0.3):
            return [(offset, offset + end, "url-token")]
        return []
    user, password = rest[:colon], rest[colon + 1 : end]
    found = []
    is_password = password.lower() not in _NOT_PASSWORDS
    if (looks_random(user) or not is_password) and len(user) > 5 and user.lower() not in _NOT_PASSWORDS:
        found.append((offset, offset + colon, "url-token"))
    if is_password and not _is_template(password):
        found.append((offset + colon + 1, offset + end, "url-password"))
    return found


_WRAPPED = Pattern(
    r"://\s{0,40}[^\s:@/?#\"'<>]{0,80}\s{0,40}:\s{0,40}(?P<secret>[^\s@/\"'<>|]{3,200})\s{0,40}@\s{0,40}[\w\[]"
)


def wrapped_userinfo(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: the password of a URL with line ends within its credentials."""
    found = _WRAPPED.match(text, match.start() + 1)
    if found is None or "\n" not in found[0]:
        return []
    secret = found["secret"]
    is_port = secret.isdigit() and len(secret) < 6
    return [] if is_port or _is_template(secret) else [(*found.span("secret"), "url-password")]


def _userinfo_end(rest: str, is_database: bool) -> int:
    """Where the `@` stands that ends the credentials, or less than nothing."""
    slash = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    end = rest.rfind("@", 0, slash)
    if is_database and end >= 0:
        last = rest.rfind("@", 0, rest.find("?") if "?" in rest else len(rest))
        if last > end and _HOST.match(rest, last + 1):
            return last
    if end >= 0:
        return end
    # a password may hold a raw `/` or `#`, but then what stands before it is no host
    end = rest.rfind("@")
    if end < 0 or ":" not in rest[:slash] or _PLAIN_HOST.fullmatch(rest[:slash]):
        return -1
    return end if _HOST.match(rest, end + 1) else -1


def _is_template(password: str) -> bool:
    return password.strip("*xX.-_") == "" or (
        password[0] in "<{$[%" and password[-1] in ">}]s)" + password[-1:] * (password[0] == "$")
    )


def bare_userinfo(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: user:password@host without a scheme."""
    secret = match["secret"]
    is_driver = text.startswith(("@tcp(", "@unix(", "@udp("), match.end("secret"))
    if is_driver or (match["user"] not in _SCHEMES and _is_password(secret)):
        return [(*match.span("secret"), "url-password")]
    return []


def _is_password(secret: str) -> bool:
    """Whether what stands between a colon and an `@`, with no URL around it, can only be a password."""
    if len(secret) < 8 or (secret[0].isdigit() and secret.replace(".", "").isdigit()):
        return False
    return (
        has_digit(secret)
        and any(map(str.isalpha, secret))
        and (changes(secret) > 0.2 or not secret.isalnum())
    )


def oracle(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":  # noqa: ARG001 (a judge)
    """A judge: user/password@host, where a tool's name, `//` or the port says that it is no path."""
    is_named = match.end("user") - match.start() > len(match["user"])
    if is_named or "//" in match["host"] or ":1521" in match["host"]:
        return [(*match.span("secret"), "url-password")]
    return []


def pgpass(text: str) -> "list[tuple[int, int, str]]":
    """A detector: host:port:database:user:password, a line of PostgreSQL's password file."""
    found: list[tuple[int, int, str]] = []
    for port in _PGPASS_PORT.finditer(text) if text.count(":") >= 4 else ():
        start = text.rfind("\n", 0, port.start()) + 1
        found += [
            (*match.span("secret"), "password")
            for match in _PGPASS.finditer(text, max(start, port.start() - 90), port.end() + 300)
            if not match["secret"].isalpha()
        ]
    return found


# ---- Secrets of a cluster, where every value of a manifest's data is one

_SECRET_KIND = Pattern(r"(?i:kind)\\{0,4}[\"']?[ ]{0,4}[:=][ ]{0,4}\\{0,4}[\"']?(?:Sealed)?Secret\b")
_DATA_BLOCK = Pattern(
    r"(?m)^(?P<in>[ \t]{0,40})(?:- )?(?:data|stringData|encryptedData):[ \t]*\r?\n"
    r"(?P<body>(?:(?P=in)[ \t]+\S[^\n]*(?:\n|$))+)"
)
_DATA_LINE = Pattern(
    r"(?m)^[ \t]+(?:[\"']?[\w.\-/]{1,250}[\"']?:(?:[ \t]+[|>][+\-]?)?[ \t]*)?(?P<secret>[^\n]*)"
)
_DATA_OBJECT = Pattern(
    r"(?:data|stringData|encryptedData)\\{0,4}[\"']\s{0,8}:\s{0,8}\{(?P<body>[^{}]{1,200000})\}"
)
_DATA_ITEM = Pattern(r":\s{0,8}\\{0,4}(?P<q>[\"'])(?P<secret>[^\"'\\]{1,100000})\\{0,4}(?P=q)")


def manifests(text: str) -> "list[tuple[int, int, str]]":
    """A detector: the values in the data of a kubernetes Secret, as yaml, JSON or a repr."""
    if "ecret" not in text or "ata" not in text or _SECRET_KIND.search(text) is None:
        return []
    found: list[tuple[int, int, str]] = []
    for blocks, items in ((_DATA_BLOCK, _DATA_LINE), (_DATA_OBJECT, _DATA_ITEM)):
        for block in blocks.finditer(text):
            for item in items.finditer(text, *block.span("body")):
                start, end = item.span("secret")
                value = item["secret"].strip(" \t\r\"'")
                if len(value) > 2 and value not in ("null", "true", "false"):
                    found.append((start, end, "secret"))
    return found


# ---- Addresses of persons and machines

_IPV4 = Pattern(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9A-Za-z_]|\.[0-9]|-[a-z])")
_NO_ADDRESS_BEFORE = frozenset("0123456789.-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_GROUP = Pattern(r":[0-9A-Fa-f]{0,4}:")
_GROUPS = Pattern(r"[0-9A-Fa-f:]{0,45}(?:%[A-Za-z0-9]{1,15})?")
_VERSION_BEFORE = Pattern(r"(?i:version|ver|release|v|rev|build|[=<>~!^]=|[a-z0-9]@)[ :=\"']{0,3}$")
_PRODUCT_BEFORE = Pattern(r"(?:^|\s|[\"'])[A-Za-z][A-Za-z+]{2,20}[ /]$")
_VERSION_AFTER = Pattern(
    r"\s(?:is|are|or|and|has|installed|required|was|to)"
    r"\s(?:required|not|newer|later|above|older|installed|too|incompatible)|$"
)
_IPV6 = Pattern(
    r"(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,7}:|(?:[0-9A-Fa-f]{1,4}:){1,6}"
    r"(?::[0-9A-Fa-f]{1,4}){1,6}|::(?:[0-9A-Fa-f]{1,4}:){0,6}[0-9A-Fa-f]{1,4})(?:%[A-Za-z0-9]{1,15})?"
)
_MAC = Pattern(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}")
_MAC_OTHER = Pattern(
    r"(?<![0-9A-Fa-f\-.])(?:[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})"
    r"(?![0-9A-Fa-f\-.])"
)
_MAC_PART = Pattern(r"-[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-|\.[0-9A-Fa-f]{4}\.")
_ADDRESS_BEFORE = Pattern(
    r"(?i:(?<![a-z])(?:ip|ipv4|ip_address|addr|address|host|hostname|from|client|peer|server|remote|to|at|connect"
    r"|connecting|dns|gateway|inet|upstream|node|for|of|by|via)s?)[ :=\"'\[(]{1,4}$|//$|@$"
)


def email(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: an e-mail address, unless its `@` is that of a URL: scheme://user:x-oauth-basic@host."""
    start = match.start()
    if start and text[start - 1] == ":":
        scheme = text.rfind("//", max(start - 300, 0), start)
        if scheme >= 0 and not any(character in " \t\n\"'<>" for character in text[scheme:start]):
            return []
    return [(start, match.end(), "email")]


def addresses(text: str) -> "list[tuple[int, int, str]]":
    """A detector: IPv4, IPv6 and MAC addresses."""
    found: list[tuple[int, int, str]] = []
    if text.count(".") >= 3:
        for match in _IPV4.finditer(text):
            start = match.start()
            if start and (text[start - 1] in _NO_ADDRESS_BEFORE or text[start - 2 : start] == "=="):
                continue
            if max(map(int, match[0].split("."))) < 256 and not _is_version(text, start, match[0]):
                found.append((*match.span(), "ip"))
    if text.count(":") >= 2:
        found += _between_colons(text)
    if len(text) < 14 or (text.count("-") < 5 and text.count(".") < 2):
        return found  # a MAC address with dots has 14 characters, one with hyphens has five of them
    for part in _MAC_PART.finditer(text):
        whole = _MAC_OTHER.search(text, max(part.start() - 5, 0), part.end() + 12)
        if whole is not None and whole[0].strip("0fF-."):
            found.append((*whole.span(), "mac"))
    return found


def _between_colons(text: str) -> "list[tuple[int, int, str]]":
    """IPv6 and MAC addresses, from the inside: a group between two colons."""
    found: list[tuple[int, int, str]] = []
    done = 0
    for group in _GROUP.finditer(text):
        start = group.start()
        if start < done:
            continue
        while start > done and group.start() - start < 5 and text[start - 1] in "0123456789abcdefABCDEF":
            start -= 1
        whole = _GROUPS.match(text, start)
        done = whole.end() if whole else group.end()
        address = text[start:done]
        before, after = text[start - 1 : start], text[done : done + 1]
        if len(address) < 6 or before.isalnum() or before in (":", "_") or after.isalnum() or after == "_":
            continue
        if address.endswith(":") and not address.endswith("::"):
            address = address[:-1]
        if _MAC.fullmatch(address):
            if address.strip("0fF:"):
                found.append((start, start + len(address), "mac"))
        elif _IPV6.fullmatch(address) and _is_ipv6(address):
            found.append((start, start + len(address), "ip"))
    return found


def _is_version(text: str, start: int, address: str) -> bool:
    if address.startswith(("127.", "0.", "255.255")):
        return True
    if _VERSION_BEFORE.search(text, max(start - 12, 0), start):
        return True
    if address.startswith(("10.", "192.168.", "172.")):
        return False
    if max(map(int, address.split("."))) < 32 and not _ADDRESS_BEFORE.search(text, max(start - 30, 0), start):
        return True  # an outline, an object identifier, a version: hardly any address has four small parts
    return bool(
        _PRODUCT_BEFORE.search(text, max(start - 24, 0), start)
        and _VERSION_AFTER.match(text, start + len(address))
    )


def _is_ipv6(address: str) -> bool:
    """No time of day, no C++ scope: enough groups, or a compression among digits."""
    return address.count(":") >= 7 or ("::" in address and has_digit(address))


# ---- Numbers of persons: checksums and neighbours tell them from timestamps, versions and sizes

_NUMBER = Pattern(r"[0-9][0-9 ().\-/]{6,40}[0-9]")
_DATE = Pattern(r"(?:19|20)\d\d[-./]?(?:0\d|1[0-2])[-./]?[0-3]\d")
_IBAN = Pattern(
    r"[A-Z]{2}\d{2}(?:[ -]?(?=[A-Z]{0,3}[0-9])[A-Z0-9]{4}|[ -]?[A-Z]{4}(?=[0-9 -])){2,7}"
    r"(?:[ -]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])"
)
_CARD = Pattern(
    r"(?<![\d.\-])(?<!\d )(?:3[47]\d\d[ -]?\d{6}[ -]?\d{5}|3(?:0[0-5]|[689]\d)\d[ -]?\d{6}[ -]?\d{4}"
    r"|(?:4\d\d\d|5[0-8]\d\d|2[2-7]\d\d|6\d\d\d|35\d\d)(?:[ -]?\d{4}){2}[ -]?(?:\d{4}(?:[ -]?\d{3})?|\d))"
    r"(?![\d])(?!-\d)"
)
_PHONE = Pattern(
    r"(?<![\w.+])\+\d{1,3}[ .\-]?(?:\(\d{1,4}\)[ .\-]?)?\d{1,4}(?:[ .\-]?\d{2,4}){1,5}(?![\w])"
    r"|(?<![\w.(])\(\d{3}\) ?\d{3}[-. ]\d{4}(?!\w)"
    r"|(?<![\w.\-])\d{3}([-.])\d{3}\1\d{4}(?![\w\-]|\.\d)"
)
_SSN = Pattern(r"(?<![\w.\-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w\-]|\.\d)")
_SHORT = 400  # characters in which counting digits is cheaper than looking for numbers


def numbers(text: str) -> "list[tuple[int, int, str]]":
    """A detector: payment cards, phones, social security numbers of the USA, IBANs."""
    found: list[tuple[int, int, str]] = []
    if len(text) <= _SHORT and sum(map(str.isdigit, text)) < 8:
        return found
    for run in _NUMBER.finditer(text):
        start, end = run.span()
        if _DATE.match(text, start, end) and end - start < 14:
            continue
        low, high = max(start - 2, 0), min(end + 2, len(text))
        found += [
            (*match.span(), "phone")
            for match in _PHONE.finditer(text, low, high)
            if 8 <= sum(map(str.isdigit, match[0])) <= 15
        ]
        if end - start >= 13:
            found += [
                (*match.span(), "card")
                for match in _CARD.finditer(text, start, high)
                if _is_card(match[0]) and not _in_a_hash(text, *match.span())
            ]
        found += [(*match.span(), "ssn") for match in _SSN.finditer(text, start, high)]
    if len(text) <= _SHORT and sum(map(str.isupper, text)) < 2:
        return found  # an IBAN begins with the two capitals of a country
    found += [
        (*match.span(), "iban")
        for match in _IBAN.finditer(text)
        if (not match.start() or not text[match.start() - 1].isalnum())
        and _is_iban(match[0].replace(" ", "").replace("-", ""))
    ]
    return found


def _in_a_hash(text: str, start: int, end: int) -> bool:
    """Whether digits are part of a long hexadecimal number: one id in a hundred holds a valid card number."""
    low, high = start, end
    while low > 0 and end - low < 200 and text[low - 1] in "0123456789abcdefABCDEF":
        low -= 1
    while high < len(text) and high - start < 200 and text[high] in "0123456789abcdefABCDEF":
        high += 1
    return high - low >= 24 and high - low > end - start


def _is_card(number: str) -> bool:
    """Whether a number has the length and the check digit of a payment card (ISO/IEC 7812-1, Luhn)."""
    digits = [int(character) for character in number if character.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_iban(iban: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616, ISO 7064 mod 97-10)."""
    if not 15 <= len(iban) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


# ---- Whose home a path leads through


def posix_user(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":  # noqa: ARG001 (a judge)
    """A judge: the name of a home, unless it is nobody's."""
    return [] if _is_nobody(match["name"]) else [(*match.span("name"), "user")]


_MOST_NAMES = 4  # words that a person's name has


def windows_user(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: the name of a Windows home. Names may hold blanks, and so may what follows a path."""
    if match[0][0] == "/" and "\\" not in match[0] and not _has_drive(text, match.start()):
        return []
    start, end = match.span("name")
    name = match["name"]
    behind = text[end : end + 1]
    # not followed by more path: the name ends at the first blank, unless the path is quoted
    if " " in name and behind not in ("\\", "/") and (behind not in ("'", '"') or len(name) > 30):
        end = start + _end_of_name(name)
    return [] if end == start or _is_nobody(text[start:end]) else [(start, end, "user")]


def _end_of_name(name: str) -> int:
    """Where a name that ends a path ends: behind its first word, or the last of its capitalised ones."""
    words = name.split(" ")
    size = len(words[0])
    for word in words[1:_MOST_NAMES] if words[0].istitle() else ():
        if not word.istitle() or not word.isalpha() or word.lower() in SAID:
            break
        size += 1 + len(word)
    return size


def _is_nobody(name: str) -> bool:
    low = name.lower().rstrip(".")
    if low.startswith(("$", "%", "{", "<", "~", "default", "all users", "public")) or not low:
        return True
    return low in NOBODY or "\n" in low or not any(map(str.isalnum, low))


def _has_drive(text: str, start: int) -> bool:
    """Whether what stands before a forward slash is a drive or a share: C:/Users, //server/users."""
    if start and text[start - 1] == ":":
        return True
    share = text.rfind("//", max(start - 60, 0), start)
    return share >= 0 and (share == 0 or text[share - 1] != ":") and " " not in text[share:start]


# ---- Armoured keys, with line ends, with escaped ones, and cut short

_BODY = Pattern(
    r"(?:(?:[\s\"'+>|]|\\{1,16}[nrt\"]){0,12}(?:(?:Proc-Type|DEK-Info|Version|Comment|Hash)[^\n\\]{0,100}"
    r"|[A-Za-z0-9+/=]{16,}))*(?:(?:\s|\\{1,16}[nrt]){1,8}[A-Za-z0-9+/=]{1,76}(?![^\s\"'\\,}.\]…]))?"
)
_PUTTY = Pattern(r"[^:]{20,10000}?(?=\r?\n?\\{0,4}n?Private-MAC|$)")
_LONGEST_KEY = 40_000


def armour(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: everything up to the end of the block, or as far as it looks like one."""
    start = match.end()
    limit = text.find("BEGIN ", start, start + _LONGEST_KEY)
    if limit < 0:
        limit = min(start + _LONGEST_KEY, len(text))
    end = text.find("-----END", start, limit)
    if end < 0:
        body = _BODY.match(text, start, limit)
        end = body.end() if body else start
    return [(start, end, "private-key")] if end > start else []


def putty(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: the private lines of a key of PuTTY's."""
    body = _PUTTY.match(text, match.end())
    return [(*body.span(), "private-key")] if body else []
