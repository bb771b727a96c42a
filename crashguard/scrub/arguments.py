"""Which texts of a list are secret because of the texts before them.

arguments   `--password X`, `-pX`, `-u user:X`; of `-pX` only what has a letter and a digit, or what a
            client of MySQL is given: there the password cannot stand apart
filled      `"login %s with password %s"` and the values for it: the words before a place name its value
"""

from crashguard.scrub import names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Told = tuple[int, str]  # where the secret part of the text begins, and its kind

_QUOTES = "'\""
_OF_USERS = frozenset(("-u", "-U", "--user", "--proxy-user", "--userpwd", "--username"))
_MYSQL = ("mysql", "mariadb", "mycli", "mytop", "percona", "xtrabackup", "sshpass")
_WORDS_BEFORE = 3  # words before a place that may name its value


def arguments(texts: "Sequence[object]") -> "dict[int, Told]":
    """The secret ones of a list of arguments: for each its number, where the secret in it begins, its kind.

    Args:
        texts: The arguments; what is no text is nobody's option. They may be reprs, with quotes around them.
    """
    found: dict[int, Told] = {}
    before, is_mysql = "", False
    for number, each in enumerate(texts):
        text = each.strip(_QUOTES) if type(each) is str else ""
        start = len(each) - len(each.lstrip(_QUOTES)) if type(each) is str else 0
        command = text.replace("\\", "/").rpartition("/")[2].lower()
        is_mysql = is_mysql or command.startswith(_MYSQL)
        if before and text[:1] != "-" and not names.is_stand_in(text):
            level, kind = names.classify(before.lstrip("-"))
            if before in _OF_USERS and ":" in text:
                found[number] = start + text.index(":") + 1, "password"
            elif level >= names.MEDIUM:
                found[number] = start, kind
            elif before == "-p" and _may_be_password(text):
                found[number] = start, "password"
        elif text[:2] == "-p" and (is_mysql or _may_be_password(text[2:])) and len(text) > 2:
            found[number] = start + 2, "password"
        elif text[:2] == "-u" and ":" in text[2:]:
            found[number] = start + text.index(":") + 1, "password"
        before = text if text[:1] == "-" and "=" not in text and " " not in text else ""
    return found


def filled(template: str, values: "Sequence[object]") -> "dict[int, str]":
    """The secret ones of the values of a format text: for each its number and its kind.

    Args:
        template: The format text, with `%s` or `{}`.
        values: What stands in its places, in order.
    """
    found: dict[int, str] = {}
    fixed = _fixed(template)
    for number, before in enumerate(fixed[: len(values)]):
        words = before.replace("=", " ").replace(":", " ").replace("'", " ").replace('"', " ").split()
        for count in range(1, min(_WORDS_BEFORE, len(words)) + 1):
            level, kind = names.classify("_".join(words[-count:]))
            if level >= names.MEDIUM:
                found[number] = kind
                break
    return found


def _fixed(template: str) -> "list[str]":
    """What stands before each place of a format text."""
    from crashguard.scrub.formats import places

    found: list[str] = []
    position = 0
    for start, end in places(template):
        found.append(template[position:start])
        position = end
    return found


def _may_be_password(text: str) -> bool:
    """Whether a text has letters and digits: no port, no word."""
    return any(map(str.isalpha, text)) and any(map(str.isdigit, text)) and "/" not in text and "." not in text
