"""How a name and its value are written down: assignments, JSON, YAML, reprs, headers, sentences, commands.

Theory of operation. The engine says where the stems of telling names (`pass`, `token`, `key` ...) stand in a
text. From each stem the grammar reads outwards:

    "db_password" :  'S3cr3tPw9',
     ^^^^^^^^^^^  name: the whole word around the stem, judged by `names.classify`
                ^^^^^^  separator: `=`, `:`, `=>`, `": "`, `', '`, a blank behind a switch, "was set to" ...
                      ^^^^^^^^^  value: quoted, escaped once or more often, bare, a list, cookies

and stops at the first of these that is not there. A value that the name does not account for
(`names.is_believed`) is left alone, and so is the next name of a list of names without values.

Every character is read once as part of a value. A value that turns out to be none may be read again behind
the next name; `Work` bounds how often that may happen, and what lies beyond the bound is cut.
"""

from crashguard.scrub.names import MEDIUM, NONE, STRONG, WEAK, classify
from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

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
        |(?:\s[^\W\d_]{2,20}|[^\W\d_A-Za-z]{1,8}){1,3}\s?:\s{1,4}
        |[^\W\d_A-Za-z]{1,8}\s?:\s{0,4})
     |(?P<blank>[ \t]{1,4})                         # --name value
    )
    """
    + _OPEN
)
_MOST_AHEAD = 1_000_000
_NOTATIONS = ("attribute", "part", "pair", "tag", "words", "blank")


class TooMuchError(Exception):
    """A text was read so often that it can only be hostile."""


class Work:
    """How many characters may still be read ahead in one text.

    A value that is found is read once. One that turns out to be none is read again behind the next name: that
    is rare, unless somebody has written `cookie: cookie: cookie:` for a megabyte. Then the rest goes unread.
    """

    __slots__ = ("left",)

    def __init__(self, text: str) -> None:
        self.left = _MOST_AHEAD + 16 * len(text)

    def spend(self, characters: int) -> None:
        """Count what is read ahead; raises where it is too much."""
        self.left -= characters
        if self.left < 0:
            raise TooMuchError


def spans(text: str, low: str, stems: "list[tuple[int, int]]") -> "list[tuple[int, int, str]]":
    """Where the values of telling names stand: start, end, kind.

    Args:
        text: Any text.
        low: The same in small letters, character for character.
        stems: Where the stems of telling names stand in it, in order.
    """
    found: list[tuple[int, int, str]] = []
    work = Work(text)
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
        if end >= len(text) or (is_apart and not text.startswith(("</key>", "</td>", "</th>", "</dt>"), end)):
            continue
        try:
            value = _value_after(text, start, end, work)
        except TooMuchError:
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
    text: str, start: int, end: int, work: Work
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
    from crashguard.scrub.written import Value

    value = Value(text, start, separator, notation, level=level, kind=kind, work=work)
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
        return before in "<>\"':"
    return notation != "part" or 'name="' in text[max(start - 6, 0) : start]
