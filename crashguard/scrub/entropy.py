"""Whether a run of characters looks drawn by lot rather than chosen by a person.

Text drawn evenly from 62 characters steps from one class of character to another (capital, small, digit) at
45 % of its characters, names do so at the seams of their words (some 20 %), and names are made of words.

Must live here: the judgement of a bare run. Must not be known here: where it stands.
"""

from crashguard.scrub.lazy import Lazy

# The step from a capital to a small letter is left out: every capitalised word makes it.
_CHANGE = Lazy(r"(?<=[a-z])[A-Z0-9]|(?<=[A-Z])[0-9]|(?<=[0-9])[A-Za-z]")
_WORD = Lazy(r"[A-Z]?[a-z]{4,}|[A-Z]{5,}")
_HEXADECIMAL = Lazy(r"[0-9a-f]+|[0-9A-F]+")
_UUID = Lazy(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def changes(run: str) -> float:
    """The share of neighbours that are of another class (capital, small, digit)."""
    return _CHANGE.count(run) / max(len(run) - 1, 1)


def wordiness(text: str) -> float:
    """The share of a text that is words."""
    return sum(map(len, _WORD.regex.findall(text))) / max(len(text), 1)


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
    return changes(value) >= 0.2 and any(map(str.isdigit, value))


def is_random_run(run: str) -> bool:
    """Whether a run of letters and digits in the open, with no name before it, is a secret."""
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
