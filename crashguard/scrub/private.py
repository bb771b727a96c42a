"""What this machine and this process know to be private, as texts: never sent, only looked for.

Theory of operation. Three places are read, each by its own function: the machine (home, user, host), the
environment and the local variables along a traceback. A value is private where its name says so
(`DB_PASSWORD`), and so are the password of a URL, the secrets of connection strings in the environment, and
the pieces of a secret of which libraries quote one. Only built-in texts and containers are looked at, so that
no foreign code runs. What is short or common is left out: it would be found everywhere.
"""

import os
import sys

from crashguard.frames import locals_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import TracebackType
    from typing import Any

_SHORTEST_NAME = 3  # of a function; it is looked for in the whole report
_SHORTEST_SECRET = 6  # characters; what is shorter would be found everywhere
_LONGEST_SECRET = 4_000
_MOST_LITERALS = 200
_MOST_FRAMES = 800
_MOST_ITEMS = 100  # of a dict or list
_DEEPEST = 3
_OF_SYSTEM = ("/usr/", "/opt/homebrew/", "/Library/Frameworks/")  # the same on very many machines
# Every shell sets these. To the vocabulary of names "pwd" is a password.
_FOLDERS = frozenset(("PWD", "OLDPWD"))


def own_names(event: "Mapping[str, Any]") -> "frozenset[str]":
    """What a tool is called by an event of its own: its app, and the packages and scripts of its frames.

    A user or a host that is called like the tool (`useradd mytool`) is not private, and its name would take
    the tool's away: from the release, the files and the fingerprint.
    """
    names: set[str] = set()
    try:
        names.add(event["release"].partition("@")[0])
        for value in (event.get("exception") or event.get("threads") or {}).get("values", ()):
            for frame in (value.get("stacktrace") or {}).get("frames", ()):
                if frame.get("in_app") is True:
                    names.add((frame.get("module") or "").partition(".")[0])
                    names.add((frame.get("filename") or "").partition("/")[0].removesuffix(".py"))
    except (AttributeError, KeyError, TypeError):
        pass  # an event of somebody else's making
    return frozenset(map(str.lower, names))


def of_machine(own: "Collection[str]" = ()) -> "dict[str, str]":
    """Home directory, user, host and where Python lies, each with its kind; common names are left out.

    Args:
        own: Names of users and hosts that are not private: see `own_names`.
    """
    found: dict[str, str] = {}
    try:
        homes = {os.path.expanduser("~"), os.environ.get("HOME", ""), os.environ.get("USERPROFILE", "")}
    except Exception:  # noqa: BLE001 (a machine without a home is no reason to fail)
        homes = set()
    for home in homes:
        home = home.rstrip("/\\")  # noqa: PLW2901 (the same path)
        if len(home) > 5 and home != "/root" and home.replace("\\", "/").count("/") >= 2:
            found[home] = "home"
    users = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER")}
    users |= {home.replace("\\", "/").rpartition("/")[2] for home in found}
    users.add(_account())
    for kind, names in (("user", users), ("host", _hosts())):
        for name in names:
            if name.lower() not in own and _is_private_name(name):
                found.setdefault(name, kind)
    # The words of an ImportError hold it. It tells where people work, if it is not the system's own Python.
    for prefix in {sys.prefix, sys.base_prefix}:
        if not (prefix + os.sep).startswith(_OF_SYSTEM) and prefix.replace("\\", "/").count("/") >= 2:
            found.setdefault(prefix, "directory")
    return found


def _is_private_name(name: str) -> bool:
    """Whether a user's or host's name is private: not one that half the world has."""
    from crashguard.scrub._tables import COMMON

    low = name.lower()
    return 3 <= len(name) <= 255 and low not in COMMON and low.rstrip("0123456789-_") not in COMMON


def _account() -> str:
    if sys.platform == "win32":
        return ""  # USERNAME says it
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError, OSError):
        return ""


def _hosts() -> "set[str]":
    # USERDOMAIN is the company's name on a machine that the company manages; LOGONSERVER is `\\SERVER`.
    variables = ("HOSTNAME", "COMPUTERNAME", "USERDOMAIN", "USERDNSDOMAIN", "LOGONSERVER")
    names = {os.environ.get(name, "").lstrip("\\") for name in variables}
    if sys.platform != "win32":
        names.add(os.uname().nodename)
    return names | {name.partition(".")[0] for name in names if not name.replace(".", "").isdigit()}


def of_environment(environ: "Mapping[str, str]") -> "dict[str, str]":
    """The values of environment variables whose name says that they are secret, each with its kind."""
    found: dict[str, str] = {}
    try:
        items = variables(environ)
    except Exception:  # noqa: BLE001 (a mapping of somebody else's making)
        return found
    names = [name for name, _ in items if type(name) is str]
    telling = _telling(names) if len(names) > _FEW_NAMES else frozenset(names)
    for name, value in items:
        if name in _FOLDERS and type(value) is str:
            if len(value) >= _SHORTEST_SECRET and value.count("/") + value.count("\\") >= 2:
                found.setdefault(value, "directory")
        elif type(value) is str and (name in telling or (type(name) is str and "@" in value)):
            _add(found, name, value)
    texts = [
        value for _, value in items if type(value) is str and "=" in value and len(value) <= _LONGEST_SECRET
    ]
    if texts:
        _of_texts(texts, found)
    return found


def variables(environ: "Mapping[str, str]") -> "list[tuple[str, str]]":
    """The variables of an environment; those of the process decoded in one go, in a tenth of the time.

    Args:
        environ: `os.environ`, or a mapping like it.
    """
    raw = getattr(environ, "_data", None)
    if type(environ) is type(os.environ) and type(raw) is dict and sys.platform != "win32":
        pieces = b"\0".join([piece for pair in list(raw.items()) for piece in pair])
        texts = pieces.decode(sys.getfilesystemencoding(), "surrogateescape").split("\0")
        if len(texts) == 2 * len(raw):
            return list(zip(texts[::2], texts[1::2], strict=True))
    return list(environ.items())


_STEMS = ("pass", "pwd", "secret", "token", "key")


def _of_texts(texts: "list[str]", found: "dict[str, str]") -> None:
    """Add the secrets of connection strings and the like, which say of a part that it is secret."""
    low = "\n".join(texts).lower()
    if not any(stem in low for stem in _STEMS):
        return
    from crashguard.scrub.detect import PERSONAL, secrets_in

    for text in texts:
        if any(stem in text.lower() for stem in _STEMS):
            for start, end, kind in secrets_in(text):
                if kind not in PERSONAL:
                    keep_secret(found, text[start:end], kind)


_FEW_NAMES = 10  # so many are taken apart as quickly as they are looked through
_SEAMS = {number: None for number in range(128) if not chr(number).isalnum() and chr(number) != "\n"}


def _telling(names: "list[str]") -> "set[str]":
    """The names that may say of a value that it is secret; a superset, found by a search of all at once.

    An orchestrator gives a program thousands of variables, and to take a name apart costs more than all else
    that is done with it.
    """
    from crashguard.scrub._tables import TELLING

    plain = [name for name in names if name.isascii() and name.isprintable()]
    lines = "\n".join(plain).translate(_SEAMS).lower()
    ends: list[int] = []  # of the lines
    for line in lines.split("\n"):
        ends.append((ends[-1] + 1 if ends else 0) + len(line))
    found = {name for name in names if not (name.isascii() and name.isprintable())}
    for stem in TELLING:
        at = lines.find(stem)
        while at >= 0:
            number = count_below(ends, at)
            found.add(plain[number])
            at = lines.find(stem, ends[number])
    return found


def count_below(sorted_numbers: "list[int]", most: int) -> int:
    """How many numbers of a sorted list are below another one; `bisect` would be an import.

    Args:
        sorted_numbers: The numbers, the least first.
        most: The other one.
    """
    low, high = 0, len(sorted_numbers)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if sorted_numbers[middle] < most else (low, middle)
    return low


def of_traceback(tb: "TracebackType | None") -> "dict[str, str]":
    """The values of secret-named local variables along a traceback, each with its kind.

    Only exact built-in texts are looked at (and those in exact dicts), so that no foreign code runs.
    """
    found: dict[str, str] = {}
    frames = 0
    while tb is not None and len(found) < _MOST_LITERALS and frames < _MOST_FRAMES:
        frames += 1
        try:
            _of_frame(tb, found)
        except Exception:  # noqa: BLE001, S110 (namespaces may be of any class)
            pass
        tb = tb.tb_next
    return found


def _of_frame(tb: "TracebackType", found: "dict[str, str]") -> None:
    for name, value in locals_of(tb.tb_frame).items():
        if id(type(value)) in _LOOKED_AT and type(name) is str:
            _add(found, name, value)


# Anything else may run code of its own; and so may a class that is compared, or asked for its hash.
_LOOKED_AT = frozenset(map(id, (str, bytes, dict, list)))


def _add(found: "dict[str, str]", name: str, value: object, depth: int = 0) -> None:
    from crashguard.scrub import names

    if type(value) is dict and depth < _DEEPEST:
        for key, item in list(value.items())[:_MOST_ITEMS]:
            if id(type(item)) in _LOOKED_AT and type(key) is str:
                _add(found, key, item, depth + 1)
        return
    if type(value) is list and depth < _DEEPEST:
        for item in value[:_MOST_ITEMS]:
            if id(type(item)) in _LOOKED_AT:
                _add(found, name, item, depth + 1)
        return
    if type(value) is bytes:
        value = value[:_LONGEST_SECRET].decode("utf-8", "replace")
    if type(value) is not str:
        return
    value = value[
        : _LONGEST_SECRET + 1
    ]  # a longer one is no secret, and may have a hundred million characters
    if "://" in value and "@" in value:
        keep_secret(found, _password_of_url(value[:_LONGEST_SECRET]), "url-password")
    level, kind = names.classify(name[:100])
    if level in (names.STRONG, names.MEDIUM):
        keep_secret(found, value, kind)


_HEAD = 12  # characters


def renamed_functions(exceptions: "list[tuple[BaseException, TracebackType | None]]") -> "set[str]":
    """The names of functions that no `def` gave them: `code.replace(co_name=...)` takes any text.

    One of messages' own words says nothing of anybody: jinja2 calls its code `top-level template code`.
    """
    from crashguard.scrub._tables import SAID
    from crashguard.scrub.constants import frames_of
    from crashguard.scrub.identifiers import WORD

    found: set[str] = set()
    for _, tb in exceptions:
        for frame in frames_of(tb):
            name, path = frame.f_code.co_name, frame.f_code.co_qualname
            module = frame.f_globals.get("__name__") if type(frame.f_globals) is dict else None
            if type(module) is str and name == path and name.startswith(f"{module}.") and _is_path(name):
                continue  # compiled by Cython, which puts the module in front of both
            if name[:1] != "<" and (not name.isidentifier() or path.rpartition(".")[2] != name):
                found.add(name)
                found.update(part for part in path.split(".") if not part.isidentifier() and part[:1] != "<")
    return {
        name
        for name in found
        if len(name) >= _SHORTEST_NAME and not all(word.lower() in SAID for word in WORD.regex.findall(name))
    }


def _is_path(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def keep_secret(found: "dict[str, str]", secret: str, kind: str) -> None:
    """Add a secret, its pieces, and what a URL's escapes in it stand for, unless it is common.

    Args:
        found: What is private, each with its kind.
        secret: The text.
        kind: Its kind.
    """
    secret = secret.strip()
    if len(found) >= _MOST_LITERALS or not _is_particular(secret):
        return
    for each in (secret, _unquoted(secret)) if "%" in secret else (secret,):
        found.setdefault(each, kind)
        for piece in _pieces(each):
            found.setdefault(piece, kind)
        head = each[:_HEAD]
        if len(each) > _HEAD and "://" not in each and any(map(str.isdigit, head)) and _is_particular(head):
            found.setdefault(head, kind)  # a message cuts what is long


def _unquoted(text: str) -> str:
    """A text with its %-escapes as themselves; `urllib.parse` would be an import."""
    head, *rest = text.encode("utf-8", "surrogatepass").split(b"%")
    made = [head]
    for piece in rest:
        try:
            made.append(
                bytes.fromhex(piece[:2].decode("ascii")) + piece[2:] if len(piece) > 1 else b"%" + piece
            )
        except ValueError:
            made.append(b"%" + piece)
    return b"".join(made).decode("utf-8", "replace")


def _password_of_url(url: str) -> str:
    """The password in a URL, as it is written there; an empty text where it has none."""
    userinfo = url.partition("://")[2].rpartition("@")[0]
    return userinfo.partition(":")[2]


def _pieces(secret: str) -> "list[str]":
    """The pieces of a secret of which libraries quote one: at `/ # ? @ % : *` and blanks."""
    if "://" in secret or secret.count(" ") > 2:
        return []
    spaced = secret
    for sign in "/#?@%:*":
        spaced = spaced.replace(sign, " ")
    pieces = spaced.split()
    return [piece for piece in pieces if _is_particular(piece)] if len(pieces) > 1 else []


def _is_particular(value: str) -> bool:
    """Whether a value is long and particular enough to be looked for everywhere."""
    from crashguard.scrub import names
    from crashguard.scrub._tables import COMMON

    if not _SHORTEST_SECRET <= len(value) <= _LONGEST_SECRET:
        return False
    if names.is_stand_in(value) or value.lower() in COMMON or (value.isdigit() and len(value) < 8):
        return False
    return not (value.startswith(("/", "./", "~/")) and "." in value)
