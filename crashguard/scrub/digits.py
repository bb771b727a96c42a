"""Numbers of persons: checksums and neighbours tell them from timestamps, versions and sizes.

`detect` asks it about texts that have eight digits.
"""

from crashguard.scrub.prepared import Pattern

_NUMBER = Pattern(r"[0-9][0-9 ().\-/]{6,40}[0-9]")
_DATE = Pattern(r"(?:19|20)\d\d[-./]?(?:0\d|1[0-2])[-./]?[0-3]\d")
_IBAN = Pattern(
    r"[A-Z][A-Z]\d{2}(?:[ -]?(?=[A-Z]{0,3}[0-9])[A-Z0-9]{4}|[ -]?[A-Z]{4}(?=[0-9 -])){2,7}"
    r"(?:[ -]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])"
)
_CARD = Pattern(
    r"(?<![\d.\-])(?<!\d )(?:3[47]\d\d[ -]?\d{6}[ -]?\d{5}|3(?:0[0-5]|[689]\d)\d[ -]?\d{6}[ -]?\d{4}"
    r"|(?:4\d\d\d|5[0-8]\d\d|2[2-7]\d\d|6\d\d\d|35\d\d)(?:[ -]?\d{4}){2}[ -]?(?:\d{4}(?:[ -]?\d{3})?|\d))"
    r"(?![\d])(?!-\d)"
)
_PHONE = Pattern(
    r"(?<![\w.+])\+\d{1,3}[ .\-]?(?:\(\d{1,4}\)[ .\-]?)?\d{1,4}(?:[ .\-]?\d{2,4}){1,5}(?![\w])"
    r"|(?<![\w.(])\(\d{3}\) ?\d{3}[-. ]\d{4}(?!\w)"
    r"|(?<![\w.\-])\d{3}([-.])\d{3}\1\d{4}(?![\w\-]|\.\d)"
)
_SSN = Pattern(r"(?<![\w.\-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w\-]|\.\d)")
_SHORT = 400  # characters in which counting capitals is cheaper than looking for IBANs


def numbers(text: str) -> "list[tuple[int, int, str]]":
    """A detector: payment cards, phones, social security numbers of the USA, IBANs."""
    found: list[tuple[int, int, str]] = []
    for run in _NUMBER.finditer(text):
        start, end = run.span()
        if _DATE.match(text, start, end) and end - start < 14:
            continue
        low, high = max(start - 2, 0), min(end + 2, len(text))
        found += [
            (*match.span(), "phone")
            for match in _PHONE.finditer(text, low, high)
            if 8 <= sum(map(str.isdigit, match[0])) <= 15
        ]
        if end - start >= 13:
            found += [
                (*match.span(), "card")
                for match in _CARD.finditer(text, start, high)
                if _is_card(match[0]) and not _in_a_hash(text, *match.span())
            ]
        found += [(*match.span(), "ssn") for match in _SSN.finditer(text, start, high)]
    if len(text) <= _SHORT and sum(map(str.isupper, text)) < 2:
        return found  # an IBAN begins with the two capitals of a country
    found += [
        (*match.span(), "iban")
        for match in _IBAN.finditer(text)
        if (not match.start() or not text[match.start() - 1].isalnum())
        and _is_iban(match[0].replace(" ", "").replace("-", ""))
    ]
    return found


def _in_a_hash(text: str, start: int, end: int) -> bool:
    """Whether digits are part of a long hexadecimal number: one id in a hundred holds a valid card number."""
    low, high = start, end
    while low > 0 and end - low < 200 and text[low - 1] in "0123456789abcdefABCDEF":
        low -= 1
    while high < len(text) and high - start < 200 and text[high] in "0123456789abcdefABCDEF":
        high += 1
    return high - low >= 24 and high - low > end - start


def _is_card(number: str) -> bool:
    """Whether a number has the length and the check digit of a payment card (ISO/IEC 7812-1, Luhn)."""
    digits = [int(character) for character in number if character.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_iban(iban: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616, ISO 7064 mod 97-10)."""
    if not 15 <= len(iban) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1
