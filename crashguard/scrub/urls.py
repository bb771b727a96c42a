"""Credentials in URLs and before an `@`, also where a URL is broken, wrapped or only half of one.

Its judges are asked about the matches of the vocabulary's rules that name them. `pgpass` goes through a
whole text.
"""

from crashguard.scrub.prepared import Pattern
from crashguard.scrub.tokens import changes, has_digit, looks_random

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

_DATABASE = Pattern(
    r"(?i:mongodb|postgres|mysql|mariadb|mssql|oracle|redis|amqp|clickhouse|snowflake|cockroach)[a-z0-9+]{0,20}"
    r":\\{0,4}/\\{0,4}/$"
)
_HOST = Pattern(r"[A-Za-z0-9\[(_%${*](?:[A-Za-z0-9.\-_\[\]:()%${}*,]*)(?:[/?#\\);&,]|$)")
_QUERY = Pattern(r"\?(?:[\w.\-]{1,60}=|$)")  # a `?` that nothing is assigned behind is of the password
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
    r"://\s{0,40}[^\s:@/?#\"'<>]{0,80}\s{0,40}:\s{0,40}"
    r"(?P<secret>(?P<first>[^\s@/\"'<>|]{1,200})(?P<second>\s{0,4}\n[ \t]{0,40}[^\s@/\"'<>|:]{1,200})?)"
    r"\s{0,40}@\s{0,40}[\w\[]"
)


# A password with blanks in it, as a person types one into a setting.
_SPACED = Pattern(
    r"://[^\s:@/?#\"'<>]{1,80}:(?P<secret>[^\s@/\"'<>|]{1,100}(?: [^\s@/\"'<>|]{1,100}){1,4})"
    r"@[\w\[][\w.\-\]]*(?=[/:?\s\"'),;]|$)"
)


def wrapped_userinfo(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: the password of a URL with line ends or blanks within its credentials."""
    found = _WRAPPED.match(text, match.start() + 1)
    if found is None or "\n" not in found[0]:
        return _spaced(text, match.start() + 1)
    first, second = found["first"], found["second"]
    is_port = first.isdigit() and len(first) < 6
    is_secret = len(first) > 2 if second is None else _is_password(first.rstrip("\\") + second.strip())
    if is_port or not is_secret or _is_template(first):
        return []
    return [(*found.span("secret"), "url-password")]


def _spaced(text: str, start: int) -> "list[tuple[int, int, str]]":
    """The password of a URL with blanks within it: a database's, or one that looks like a password."""
    found = _SPACED.match(text, start)
    if found is None or found["secret"].partition(" ")[0].isdigit():
        return []
    is_database = _DATABASE.search(text, max(start - 40, 0), start + 3) is not None
    if is_database or _is_password(found["secret"].replace(" ", "")):
        return [(*found.span("secret"), "url-password")]
    return []


def _userinfo_end(rest: str, is_database: bool) -> int:
    """Where the `@` stands that ends the credentials, or less than nothing."""
    slash = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    end = rest.rfind("@", 0, slash)
    if is_database and end >= 0:
        query = _QUERY.search(rest, end)
        last = rest.rfind("@", 0, query.start() if query is not None else len(rest))
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


# Before the user of Oracle's form: what says that somebody connects.
_CONNECTS = Pattern(r"(?i)(?:log[io]n|logged|connect|credential|target|catalog|dsn|authenticat)[^/\n]{0,30}$")


def oracle(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: user/password@host, where a tool's name, `//` or the port says that it is no path.

    A word before it that says that somebody connects does so, too, if the password is no word.
    """
    is_named = match.end("user") - match.start() > len(match["user"])
    secret, host, start = match["secret"], match["host"], match.start()
    is_connecting = (
        has_digit(secret)
        and any(map(str.isalpha, secret))
        and not host.lstrip("v")[:1].isdigit()
        and text[start - 1 : start] not in ("/", ".", "-", "@")
        and _CONNECTS.search(text, max(start - 60, 0), start) is not None
    )
    if is_named or is_connecting or "//" in host or ":1521" in host:
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
