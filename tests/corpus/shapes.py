"""A small language for shapes: `ghp_{a:36}` is `ghp_` and 36 letters or digits drawn by lot."""

import random
import re
import string

ALPHABETS = {
    "n": string.digits,
    "h": "0123456789abcdef",
    "H": "0123456789ABCDEF",
    "u": string.ascii_uppercase + string.digits,
    "U": string.ascii_uppercase,
    "2": string.ascii_uppercase + "234567",
    "l": string.ascii_lowercase + string.digits,
    "L": string.ascii_lowercase,
    "a": string.ascii_letters + string.digits,
    "A": string.ascii_letters,
    "w": string.ascii_letters + string.digits + "_-",
    "b": string.ascii_letters + string.digits + "+/",
    "p": string.ascii_letters + string.digits + "!#$%^*_-+.?",
}
_PLACE = re.compile(r"\{(\w):(\d+)(?:-(\d+))?\}")


def expand(shape: str, rng: random.Random) -> str:
    """A text of that shape."""

    def draw(match: re.Match[str]) -> str:
        alphabet = ALPHABETS[match[1]]
        length = rng.randint(int(match[2]), int(match[3] or match[2]))
        drawn = [rng.choice(alphabet) for _ in range(length)]
        # A drawn token without any digit would be possible, and so rare that a corpus must not hinge on it.
        if match[1] in "alwbp" and length > 7 and not any(map(str.isdigit, drawn)):
            drawn[rng.randrange(1, length - 1)] = rng.choice(string.digits)
        return "".join(drawn)

    return _PLACE.sub(draw, shape)


def with_luhn(digits: str) -> str:
    """Digits and their check digit (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 if place % 2 else 2)
        total += number - 9 if number > 9 else number
    return digits + str(-total % 10)


def iban(country: str, body: str) -> str:
    """An IBAN with valid check digits (ISO 13616)."""
    number = int("".join(str(int(character, 36)) for character in f"{body}{country}00"))
    return f"{country}{98 - number % 97:02d}{body}"
