"""Credentials in URLs and in connection strings that have no names: user:password@host.

Must live here: what stands before an `@`. Must not be known here: `name=value` (`keyvalue`).
"""

from crashguard.scrub import lines
from crashguard.scrub.entropy import changes, looks_random
from crashguard.scrub.lazy import Lazy

_AUTHORITY = Lazy(r"(?<=[A-Za-z0-9:\"'\\])(?:/\\{0,4}/)(?P<rest>[^\s\"'<>`|/][^\s\"'<>`|]{0,600})")
_DATABASE = Lazy(
    r"(?i:mongodb|postgres|mysql|mariadb|mssql|oracle|redis|amqp|clickhouse|snowflake|cockroach)[a-z0-9+]{0,20}:\\{0,4}/\\{0,4}/$"
)
_HOST = Lazy(r"[A-Za-z0-9\[(_%${*](?:[A-Za-z0-9.\-_\[\]:()%${}*,]*)(?:[/?#\\);&,]|$)")
_PLAIN_HOST = Lazy(r"[\w.\-\[\]*]*(?::\d{1,5})?")
_BARE = Lazy(
    r"(?<![\w/:.@\-])(?P<user>[A-Za-z_][\w.\-]{0,60}):(?P<secret>[^\s:@\"'<>/]{4,120})@"
    r"(?:tcp|udp|unix|[A-Za-z_][\w\-]*(?:\.[\w\-]+)*)(?:[(:/]|\.\w)"
)
_ORACLE = Lazy(
    r"(?:\b(?:sqlplus|impdp|expdp|exp|imp|rman|sqlldr|sqlcl|sql)(?:\s-\w+)*\s|thin:|oci8?:|\b)"
    r"(?P<user>[A-Za-z_][\w$#]{0,30})/(?P<secret>[^\s/@\"'<>]{3,60})@(?P<host>(?://)?[\w.\-]+(?::\d+)?[/:]?)"
)
_PGPASS = Lazy(
    r"(?<![\w:])[A-Za-z*][\w.*\-]{0,80}:(?:\d{4,5}|\*):[\w*.\-]{1,60}:[\w*.@\-]{1,60}:(?P<secret>[^\s\"',]{4,100})"
)
_PGPASS_PORT = Lazy(r":(?:[0-9]{4,5}|\*):[\w*.\-]{1,60}:[\w*.@\-]{1,60}:(?=[^\s\"',])")
_SCHEMES = frozenset(("mailto", "npm", "acct", "sip", "xmpp"))
_NO_PASSWORD = frozenset(("x-oauth-basic", "x", "", "api", "oauth2", "x-access-token", "unused", "api_token"))


def spans(text: str) -> "list[tuple[int, int, str]]":
    """Where such credentials stand: start, end, kind."""
    found: list[tuple[int, int, str]] = []
    for start, end in lines.holding(text, ("@",)):
        for match in _AUTHORITY.finditer(text, start, end):
            start_of_rest = match.start("rest")
            is_database = _DATABASE.search(text, max(start_of_rest - 40, 0), start_of_rest) is not None
            found += _userinfo(match["rest"], start_of_rest, is_database)
        for match in _BARE.finditer(text, start, end):
            secret = match["secret"]
            driver = text[match.end("secret") :].startswith(("@tcp(", "@unix(", "@udp("))
            if driver or (match["user"] not in _SCHEMES and _is_password(secret)):
                found.append((*match.span("secret"), "url-password"))
        for match in _ORACLE.finditer(text, start, end):
            named = match.end("user") - match.start() > len(match["user"])
            if named or "//" in match["host"] or ":1521" in match["host"]:
                found.append((*match.span("secret"), "url-password"))
    for port in _PGPASS_PORT.finditer(text) if text.count(":") >= 4 else ():
        start = text.rfind("\n", 0, port.start()) + 1
        for match in _PGPASS.finditer(text, max(start, port.start() - 90), port.end() + 300):
            if any(map(str.isdigit, match["secret"])) or not match["secret"].isalpha():
                found.append((*match.span("secret"), "password"))
    return found


def _userinfo(rest: str, offset: int, is_database: bool) -> "list[tuple[int, int, str]]":
    """The credentials of one URL, of which everything behind `://` is given.

    In a path there may be an `@` (of npm's scopes, of a version), but not in the name of a database: a password
    that nobody escaped goes on to the last one.
    """
    slash = len(rest)
    for stop in "/?#":
        at = rest.find(stop)
        if 0 <= at < slash:
            slash = at
    end = rest.rfind("@", 0, slash)
    if is_database and end >= 0:
        last = rest.rfind("@", 0, rest.find("?") if "?" in rest else len(rest))
        if last > end and _HOST.match(rest, last + 1):
            end = last
    if end < 0:
        # a password may hold a raw `/` or `#`, but then what stands before it is no host
        plain = _PLAIN_HOST.fullmatch(rest[:slash])
        end = rest.rfind("@")
        if plain or end < 0 or ":" not in rest[:slash] or not _HOST.match(rest, end + 1):
            return []
    colon = rest.find(":", 0, end)
    if colon < 0:
        user = rest[:end]
        if len(user) >= 16 and (any(map(str.isdigit, user)) or changes(user) > 0.3):
            return [(offset, offset + end, "url-token")]
        return []
    user, password = rest[:colon], rest[colon + 1 : end]
    found = []
    if password.lower() in _NO_PASSWORD or looks_random(user):
        if user and user.lower() not in _NO_PASSWORD and len(user) > 5:
            found.append((offset, offset + colon, "url-token"))
    if password.lower() not in _NO_PASSWORD and not _is_template(password):
        found.append((offset + colon + 1, offset + end, "url-password"))
    return found


def _is_template(password: str) -> bool:
    return password.strip("*xX.-_") == "" or (
        password[0] in "<{$[%" and password[-1] in ">}]s)" + password[-1:] * (password[0] == "$")
    )


def _is_password(secret: str) -> bool:
    """Whether what stands between a colon and an `@`, with no URL around it, can be no version and no name."""
    if len(secret) < 8 or (secret[0].isdigit() and secret.replace(".", "").isdigit()):
        return False
    return (
        any(map(str.isdigit, secret))
        and any(map(str.isalpha, secret))
        and (changes(secret) > 0.2 or not secret.isalnum())
    )
