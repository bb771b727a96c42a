"""Numbers that belong to a person: payment cards, bank accounts, phones.

Checksums (Luhn, ISO 13616 mod 97) and neighbours tell them from timestamps, versions and sizes.

Must live here: judging numbers. Must not be known here: labels (a labelled number is `keyvalue`'s).
"""

from crashguard.scrub.lazy import Lazy

_RUN = Lazy(r"[0-9][0-9 ().\-/]{6,40}[0-9]")
_DATE = Lazy(r"(?:19|20)\d\d[-./]?(?:0\d|1[0-2])[-./]?[0-3]\d")
_IBAN = Lazy(
    r"[A-Z]{2}\d{2}(?:[ -]?(?=[A-Z]{0,3}[0-9])[A-Z0-9]{4}|[ -]?[A-Z]{4}(?=[0-9 -])){2,7}(?:[ -]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])"
)
_CARD = Lazy(
    r"(?<![\d.\-])(?<!\d )(?:3[47]\d\d[ -]?\d{6}[ -]?\d{5}|3(?:0[0-5]|[689]\d)\d[ -]?\d{6}[ -]?\d{4}"
    r"|(?:4\d\d\d|5[0-8]\d\d|2[2-7]\d\d|6\d\d\d|35\d\d)(?:[ -]?\d{4}){2}[ -]?(?:\d{4}(?:[ -]?\d{3})?|\d))(?![\d])(?!-\d)"
)
_PHONE = Lazy(
    r"(?<![\w.+])\+\d{1,3}[ .\-]?(?:\(\d{1,4}\)[ .\-]?)?\d{1,4}(?:[ .\-]?\d{2,4}){1,5}(?![\w])"
    r"|(?<![\w.(])\(\d{3}\) ?\d{3}[-. ]\d{4}(?!\w)"
    r"|(?<![\w.\-])\d{3}([-.])\d{3}\1\d{4}(?![\w\-]|\.\d)"
)
_SSN = Lazy(r"(?<![\w.\-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w\-]|\.\d)")
_SHORT = 400  # characters in which counting digits is cheaper than looking for numbers


def spans(text: str) -> "list[tuple[int, int, str]]":
    """Where such numbers stand: start, end, kind."""
    found: list[tuple[int, int, str]] = []
    # Counting digits costs less than compiling the pattern that looks for them.
    if len(text) <= _SHORT and sum(map(str.isdigit, text)) < 8:
        return found
    for run in _RUN.finditer(text):
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
            for match in _CARD.finditer(text, start, high):
                digits = "".join(filter(str.isdigit, match[0]))
                if (
                    13 <= len(digits) <= 19
                    and luhn(digits)
                    and len(set(digits)) > 1
                    and not _in_a_hash(text, *match.span())
                ):
                    found.append((*match.span(), "card"))
        found += [(*match.span(), "ssn") for match in _SSN.finditer(text, start, high)]
    if len(text) <= _SHORT and sum(map(str.isupper, text)) < 2:
        return found  # an IBAN begins with the two capitals of a country
    for match in _IBAN.finditer(text):
        if not text[match.start() - 1 : match.start()].isalnum() or not match.start():
            if mod97(match[0].replace(" ", "").replace("-", "")):
                found.append((*match.span(), "iban"))
    return found


def _in_a_hash(text: str, start: int, end: int) -> bool:
    """Whether digits are part of a long hexadecimal number: one id in a hundred holds a valid card number."""
    low, high = start, end
    while low > 0 and end - low < 200 and text[low - 1] in "0123456789abcdefABCDEF":
        low -= 1
    while high < len(text) and high - start < 200 and text[high] in "0123456789abcdefABCDEF":
        high += 1
    return high - low >= 24 and high - low > end - start


def luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit)
        if place % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


def mod97(iban: str) -> bool:
    """The check of an IBAN (ISO 13616, ISO 7064 mod 97-10)."""
    if not 15 <= len(iban) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1
