"""Whether a run of characters looks drawn by lot rather than chosen by a person.

Random text changes between capitals, small letters and digits at nearly every second character
(62 characters drawn evenly: 62 %), names do so at the seams of words (some 25 %).

Must live here: the judgement of a bare run. Must not be known here: where it stands.
"""

from crashguard.scrub.lazy import Lazy

_CHANGE = Lazy(r"(?<=[a-z])[A-Z0-9]|(?<=[A-Z])[a-z0-9]|(?<=[0-9])[A-Za-z]")
_HEXADECIMAL = Lazy(r"[0-9a-f]+|[0-9A-F]+")
_UUID = Lazy(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def changes(run: str) -> float:
    """The share of neighbours that are of another class (capital, small, digit)."""
    return _CHANGE.count(run) / max(len(run) - 1, 1)


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
    return changes(value) >= 0.25 and any(map(str.isdigit, value))


def is_random_run(run: str) -> bool:
    """Whether a run of letters and digits in the open, with no name before it, is a secret."""
    if len(run) < 20 or run.isalpha() or run.isdigit() or run.islower() or run.isupper():
        return False
    if _HEXADECIMAL.fullmatch(run) or _UUID.fullmatch(run):
        return False
    letters = run.replace("-", "").replace("_", "").replace("/", "").replace("+", "").replace("=", "")
    if len(letters) < 18 or len(set(letters)) < 10:
        return False
    small = sum(map(str.islower, letters))
    digits = sum(map(str.isdigit, letters))
    large = len(letters) - small - digits
    if small < 3 or large < 3 or digits < 1:
        return False
    return changes(letters) >= 0.42
