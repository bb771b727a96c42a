"""Secrets near a telling word, where no notation says that one belongs to the other.

Theory of operation. Around each stem of a telling name a *window* of its line is looked through once. What
stands in quotes there may be a secret for one of three reasons:

    set_password('..')                      it is an argument of a function whose name tells
    password must be a number, got '..'     a message quotes it of a name that it told before,
    '..' in option 'password'               or that it tells behind
    cannot authenticate svc by '..'         it stands by itself and looks like a password

The closer the name says what it is, the less the value has to look like one: `_bears_out` for the first two,
`_looks_typed` for the last. What stands behind a name of its own (`request_id='..'`) is that name's value and
is left to the grammar. Without quotes only what follows such words as "got" counts, and the words of commands
(`auth-pass NAME ..`).
"""

from crashguard.scrub.names import MEDIUM, NONE, STRONG, classify, is_stand_in
from crashguard.scrub.prepared import Pattern
from crashguard.scrub.tokens import changes, has_digit, is_base64, is_hexadecimal, looks_random, wordiness

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

    from crashguard.scrub.spans import Found, Span

    Told = tuple[int, int, int, str]  # where a telling name stands, its level, its kind

_BEFORE, _BEHIND = 160, 300  # characters of a line around a stem
_AROUND = 70  # characters around a value that say what it is
_FEW = 30  # characters of a few words
_ARGUMENTS = 200  # characters between the bracket of a call and one of its arguments

_QUOTED = Pattern(
    r"(?<![A-Za-z0-9_])[bBuUrR]{0,2}(?P<q>[\"'`])(?P<secret>[^\s\"'`\\]{4,400})\\{0,4}(?P=q)(?![A-Za-z0-9_])"
)
_QUOTED_ANY = Pattern(r"[bu]?(?P<q>[\"'])(?P<secret>[^\s\"'\\]{1,400})(?P=q)")
_KEY_BEFORE = Pattern(r"(?P<name>[A-Za-z_][\w.\-]{0,60})[\])\"'`]{0,3}\s{0,2}(?::|=|=>|->)\s{0,2}$")
_SAYS = frozenset("got tried received found given was is value actual input".split())  # no names of a value
_SAID_BEFORE = Pattern(
    r"(?i:\b(?:got|tried|received|found|given|was|is|value|actual|string|not)\s{0,2}[:=]?\s{0,2}[\[({]?)$"
)
_SAID = Pattern(
    r"(?i:\b(?:got|tried|received|found|given|is|was|be|value)[ :]{1,3}|[^\W\d_]{4,12}[ ]?: )"
    r"(?P<secret>[^\s\"'`,;()\[\]{}=]{5,199}[^\s\"'`,;()\[\]{}=.:?])"
)
_WORD_OF_COMMAND = Pattern(
    r"(?:\b[A-Za-z]\w{0,30}[\-._]pass(?:word|phrase|wd)?\s+(?:[\w.@\-]{1,60}\s+)?"
    r"|--(?:value|body|key|data|secret-string)[ =][\"']?|\becho\s[\"']?)(?P<secret>[^\s\"'`()]{6,200})"
)
_PAIR = Pattern(
    r"(?<![\w/.:@\-])[A-Za-z][\w.\-]{0,40}:(?P<secret>[^\s:'\"@/,;()]{7,199}[^\s:'\"@/,;().?])(?=[.?]?[\s)'\",;]|[.?]?$)"
)
_APART = Pattern(r"(?<=[\s(\[])(?P<secret>[A-Za-z0-9_\-]{10,200})(?=[\s,.;:)]|$)")
_ID = Pattern(r"(?i:\b(?:id|ids|uuid|request|job|trace|run|commit|hash|sha|version|build|ref|at)\b)")
_NAMED_BEHIND = Pattern(
    r"[\"'`]\)?\s(?:in|for|of|at|as|is no|is not an?|is not a valid|is an invalid|is an? \w{2,12})\s"
    r"(?:the\s)?(?:(?:option|key|field|setting|variable|parameter|argument|column|entry)\s)?:?[\"'`]?"
    r"(?P<name>[A-Za-z_][\w.\-]{1,60})"
)
_CALLEE = Pattern(r"(?P<name>[A-Za-z_][\w.]{0,60}(?:\(\)\.\w{1,30})?)\($")
_NAME = Pattern(r"[A-Za-z_][\w\-.]{1,60}(?: (?:key|token|secret|code|string)\b)?")
_WORDS = Pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_STRONG = frozenset("password passwd passphrase passcode pwd pw hashpw secret".split())
_MEDIUM = frozenset(
    "auth authenticate authenticator authentication credential credentials login apikey token".split()
)
_ASKS = frozenset(
    "get getpass read fetch find list load delete ask prompt has need require reset forgot no".split()
)
_SIGNS = frozenset("#!^&*~?")
_NO_PASSWORD = frozenset("/\\:=(){}<>[],;|%$@")


def spans(text: str, stems: "list[Span]") -> "list[Found]":
    """Where such secrets stand: start, end, kind.

    Args:
        text: Any text.
        stems: Where the stems of telling names stand in it, in order.
    """
    found: list[Found] = []
    known: dict[str, tuple[int, str]] = {}  # a log says the same names over and over
    for start, end in _windows(text, stems):
        told = _names(text, start, end, known)
        if not told:
            continue
        for match in _QUOTED.finditer(text, start, end):
            kind = _kind(text, match.start(), match.end("secret"), match["secret"], told)
            if kind:
                found.append((*match.span("secret"), kind))
        for match in _SAID.finditer(text, start, end):
            kind = _strong_before(told, match.start("secret"))
            if (
                kind
                and _bears_out(match["secret"])
                and (_is_mixed(match["secret"]) or looks_random(match["secret"]))
            ):
                found.append((*match.span("secret"), kind))
        found += [
            (*match.span("secret"), "password")
            for pattern in (_WORD_OF_COMMAND, _PAIR)
            for match in pattern.finditer(text, start, end)
            if _looks_typed(match["secret"])
        ]
        found += [
            (*match.span("secret"), "password")
            for match in _APART.finditer(text, start, end)
            if _is_told_just_before(text, match.start(), told)
            and (_looks_typed(match["secret"]) or looks_random(match["secret"]))
        ]
    return found


def argument(text: str, match: "re.Match[str]") -> "list[Found]":
    """A judge: the texts among the arguments of a call that are long numbers or drawn by lot."""
    start, end = match.span("rest")
    found: list[Found] = []
    for number, each in enumerate(_QUOTED_ANY.finditer(text, start, min(end + 1, len(text)))):
        value = each["secret"]
        if text[each.start() - 1 : each.start()] not in ("(", " ", ",", "["):
            continue  # it has a name of its own
        is_host = not _NO_PASSWORD.isdisjoint(value) or ("." in value and _SIGNS.isdisjoint(value))
        behind_user = number > 0 and not is_host and _is_mixed(value) and _bears_out(value)
        if looks_random(value) or is_base64(value):
            found.append((*each.span("secret"), "token"))
        elif behind_user:
            found.append((*each.span("secret"), "password"))
    return found


def typed(text: str, match: "re.Match[str]") -> "list[Found]":  # noqa: ARG001 (a judge)
    """A judge: the group `secret`, where it may be a password."""
    value = match["secret"]
    is_name = value[0] in _NO_PASSWORD or "//" in value or not has_digit(value)
    is_name = is_name or not any(map(str.isalpha, value)) or (len(value) < 10 and not _is_mixed(value))
    return [] if is_name or is_stand_in(value) else [(*match.span("secret"), "password")]


def drawn(text: str, match: "re.Match[str]") -> "list[Found]":  # noqa: ARG001 (a judge)
    """A judge: the group `secret`, where it looks like a password by itself."""
    value = match["secret"]
    is_secret = _looks_typed(value) or (looks_random(value) and not _NO_PASSWORD.intersection(value))
    return [(*match.span("secret"), "password")] if is_secret else []


def _windows(text: str, stems: "list[Span]") -> "list[Span]":
    """The stretches of lines around stems, none twice."""
    found: list[Span] = []
    for at, end in stems:
        low = max(at - _BEFORE, 0)
        start = max(text.rfind("\n", low, at) + 1, low)
        stop = text.find("\n", end, end + _BEHIND)
        stop = stop if stop >= 0 else min(end + _BEHIND, len(text))
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return found


def _names(text: str, start: int, end: int, known: "dict[str, tuple[int, str]]") -> "list[Told]":
    """The telling names of a window; what a name says is kept in `known`."""
    found: list[Told] = []
    for match in _NAME.finditer(text, start, end):
        name = match[0]
        said = known.get(name)
        if said is None:
            said = known[name] = _of_name(name)
        if said[0] != NONE:
            found.append((*match.span(), *said))
    return found


def _of_name(name: str) -> "tuple[int, str]":
    """What a name says by itself, or by its words."""
    level, kind = classify(name.replace(" ", "_"))
    if level not in (MEDIUM, STRONG):
        return _of_words(name)
    if level == MEDIUM and " " not in name and len(_WORDS.regex.findall(name)) > 1:
        level = STRONG  # an api_token is no token of a parser
    return level, kind


def _of_words(name: str) -> "tuple[int, str]":
    """What a name says that holds a telling word: `PasswordAuthenticator`, `hashpw`, `basic_auth_handler`."""
    words = [word.lower() for word in _WORDS.regex.findall(name)]
    last = _WORDS.search(name, name.rfind(".") + 1)
    if last is None or last[0].lower() in _ASKS:
        return NONE, ""
    if not _STRONG.isdisjoint(words):
        return STRONG, "password"
    return (NONE, "") if _MEDIUM.isdisjoint(words) else (MEDIUM, "credentials")


def _kind(text: str, at: int, end: int, value: str, told: "list[Told]") -> str:
    """The kind of what stands in quotes; an empty text where it is no secret."""
    before = text[max(at - _AROUND, 0) : at]
    key = _KEY_BEFORE.search(before)
    if is_stand_in(value) or (key is not None and key["name"].lower() not in _SAYS):
        return ""
    level, kind = _of_call(text, at)
    if level == STRONG:
        return kind if _bears_out(value) else ""
    if level == MEDIUM:
        is_last = text[end + 1 : end + 2] == ")" and before[-2:-1] == ","
        return kind if _looks_typed(value) or looks_random(value) or (is_last and _bears_out(value)) else ""
    if _SAID_BEFORE.search(before):
        kind = _strong_before(told, at)
        if kind and _bears_out(value):
            return kind
    behind = _NAMED_BEHIND.match(text, end, end + _AROUND)
    if behind is not None and _bears_out(value):
        level, kind = classify(behind["name"])
        if level == STRONG:
            return kind
    return told[0][3] if _looks_typed(value) else ""


def _of_call(text: str, at: int) -> "tuple[int, str]":
    """What the name of the function says, of whose arguments one stands at a place."""
    depth = 0
    for position in range(at - 1, max(at - _ARGUMENTS, 0) - 1, -1):
        character = text[position]
        if character in ")]}":
            depth += 1
        elif character in "([{":
            if depth == 0:
                callee = _CALLEE.search(text, max(position - _AROUND, 0), position + 1)
                return (NONE, "") if callee is None else _of_words(callee["name"])
            depth -= 1
        elif character == "\n":
            break
    return NONE, ""


def _last_before(told: "list[Told]", at: int) -> "Told | None":
    """The last name that ends before a place."""
    low, high = 0, len(told)
    while low < high:
        middle = (low + high) // 2
        if told[middle][1] <= at:
            low = middle + 1
        else:
            high = middle
    return told[low - 1] if low else None


def _strong_before(told: "list[Told]", at: int) -> str:
    """The kind that the last name before a place tells, if it is sure."""
    last = _last_before(told, at)
    return last[3] if last is not None and last[2] == STRONG and at - last[0] <= _BEFORE else ""


def _is_told_just_before(text: str, at: int, told: "list[Told]") -> bool:
    """Whether a name that tells stands a few words before a place, and no word says that this is an id."""
    last = _last_before(told, at - 1)
    return last is not None and at - last[1] < _FEW and _ID.search(text, last[1], at) is None


def _bears_out(value: str) -> bool:
    """Whether a value may be the secret that a name says it is: no word, type, number or reference."""
    if len(value) < 5 or not has_digit(value) or is_stand_in(value):
        return False
    if not any(map(str.isalpha, value)) or value[0] in "<{$(" or value.endswith((":", "(")):
        return False
    is_plain = value.islower() and value.replace("_", "").isalnum()
    return not is_plain or (len(value) >= 8 and changes(value) >= 0.12)


def _is_mixed(value: str) -> bool:
    """Whether capitals and small letters are in a value, or a sign that no name has."""
    has_both = any(map(str.isupper, value)) and any(map(str.islower, value))
    return has_both or not _SIGNS.isdisjoint(value)


def _looks_typed(value: str) -> bool:
    """Whether a value looks like a password wherever it stands: letters, digits and signs, or random."""
    letters = any(map(str.isalpha, value))
    if len(value) < 8 or not letters or not has_digit(value) or is_hexadecimal(value):
        return False
    is_mixed = not value.islower() and not value.isupper()
    if _NO_PASSWORD.intersection(value):
        return is_mixed and is_base64(value)
    if _SIGNS.intersection(value):
        return True
    return is_mixed and len(value) >= 10 and changes(value) >= 0.25 and wordiness(value) < 0.4
