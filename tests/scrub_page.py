"""Writes the tables of docs/scrubbing.md from the rules: `python -m tests.scrub_page`.

Must not be known here: what a secret looks like; that is what the rules say.
"""

import random
from pathlib import Path

from crashguard.scrub import Scrubber, gates, keys, vendors

PAGE = Path(__file__).parent.parent / "docs/scrubbing.md"
BEGIN, END = "<!-- begin: what is recognised -->", "<!-- end -->"
ALPHABETS = {
    "n": "0123456789",
    "h": "0123456789abcdef",
    "u": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "l": "abcdefghijklmnopqrstuvwxyz0123456789",
    "a": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "w": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
}
# Detectors that are no rules: what they find, by an example each.
DETECTED = (
    "mail from ada@orchard.example",
    "connect to 192.168.1.17:8080",
    "connect to [2001:db8:85a3::8a2e:370:7334]:443",
    "interface 00:1A:2B:3C:4D:5E",
    "call +49 151 23456789",
    "card 4111 1111 1111 1111",
    "IBAN DE89 3704 0044 0532 0130 00",
    "open /home/lovelace/data.csv",
    "open C:\\Users\\lovelace\\data.csv",
    "open \\\\files\\homes\\lovelace\\data.csv",
    "postgresql://svc:S3cr3tPw@db:5432/app",
    "got 6mK2p9XwQzR4tYvB8nLd1HsJ back",
)


def page() -> str:
    """The page with its tables as the rules have them now."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{rest.partition(END)[2]}"


def tables() -> str:
    """The three tables."""
    parts = [
        "### By its shape\n",
        _shapes(),
        "### By its issuer\n",
        _issuers(),
        "### By its name\n",
        _names(),
    ]
    return "\n".join(parts)


def _scrubbed(text: str) -> str:
    return Scrubber().text(text)


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _shapes() -> str:
    lines = ["| what | becomes | left alone |", "|---|---|---|"]
    lines += [f"| {_code(text)} | {_code(_scrubbed(text))} | |" for text in DETECTED]
    for rule in gates.RULES:
        if "\n" not in rule.example:
            lines.append(
                f"| {_code(rule.example)} | {_code(_scrubbed(rule.example))} | {_code(rule.counter_example)} |"
            )
    return "\n".join(lines) + "\n"


def _issuers() -> str:
    lines = ["| issuer | begins with | kind |", "|---|---|---|"]
    lines += [
        f"| {issuer} | `{prefix}` | {kind} |"
        for kind, prefix, _, _, issuer in sorted(vendors.TOKENS, key=lambda row: row[4].lower())
    ]
    return "\n".join(lines) + "\n"


def _names() -> str:
    by_kind: dict[str, list[str]] = {}
    for name, (level, kind) in sorted(keys._endings().items()):
        if level in (keys.MEDIUM, keys.STRONG) and kind:
            by_kind.setdefault(kind, []).append(name)
    lines = ["| kind | names, or the ends of names |", "|---|---|"]
    lines += [f"| {kind} | {', '.join(names)} |" for kind, names in sorted(by_kind.items())]
    return "\n".join(lines) + "\n"


def token(row: tuple[str, str, str, int, str], rng: random.Random) -> str:
    """A made-up token of an issuer."""
    _, prefix, alphabet, length, _ = row
    return prefix + "".join(rng.choice(ALPHABETS[alphabet]) for _ in range(length))


if __name__ == "__main__":
    PAGE.write_text(page())
