"""What a name says about its value (`db_password` yes, `password_policy` no), and whether that is believed.

`classify` takes a name apart into words and gives its level, which is how much the value has to look like a
secret before the name is believed, and its kind. `is_believed` looks at the value: a known harmless word, a
reference or a mask (`is_stand_in`) and program text (`is_reference`) are no secrets.
"""

from crashguard.scrub._tables import ABOUT, COUNTS, DATA_KEYS, HARMLESS, NAMES, RUN_TOGETHER, TRAILING
from crashguard.scrub.prepared import Pattern
from crashguard.scrub.tokens import has_digit, looks_random, wordiness

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


SHORT_NAME = 3  # letters of a name that stands for other things too: RFC, SIN, NIE
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


def is_believed(
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
        if kind == "private-key" and value.isalpha():
            return False  # private key: missing
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


def is_reference(value: str, text: str, start: int) -> bool:
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
