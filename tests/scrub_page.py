"""Writes the tables of docs/scrubbing.md from the vocabulary: `python -m tests.scrub_page`."""

import random
from pathlib import Path

from crashguard.scrub import Scrubber
from tools.tables import ALPHABETS, LEVELS, Token, Vocabulary

PAGE = Path(__file__).parent.parent / "docs/scrubbing.md"
BEGIN, END = "<!-- begin: what is recognised -->", "<!-- end -->"
VOCABULARY = Vocabulary()


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
    return Scrubber(messages="full").text(text)  # secrets only: docs/messages.md has the rest


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _shapes() -> str:
    lines = ["| what | becomes | left alone |", "|---|---|---|"]
    lines += [
        f"| {_code(example.text)} | {_code(_scrubbed(example.text))} | {_code(example.stays)} |"
        for example in VOCABULARY.examples
    ]
    return "\n".join(lines) + "\n"


def _issuers() -> str:
    lines = ["| issuer | begins with | kind |", "|---|---|---|"]
    lines += [
        f"| {token.issuer} | `{token.prefix}` | {token.kind} |"
        for token in sorted(VOCABULARY.tokens, key=lambda token: token.issuer.lower())
    ]
    return "\n".join(lines) + "\n"


def _names() -> str:
    by_kind: dict[str, list[str]] = {}
    for name, (level, kind) in sorted(VOCABULARY.names.items()):
        if LEVELS[level] in ("medium", "strong"):
            by_kind.setdefault(kind, []).append(name)
    lines = ["| kind | names, or the ends of names |", "|---|---|"]
    lines += [f"| {kind} | {', '.join(names)} |" for kind, names in sorted(by_kind.items())]
    return "\n".join(lines) + "\n"


def made(token: Token, rng: random.Random) -> str:
    """A made-up token of an issuer."""
    return token.prefix + "".join(rng.choice(ALPHABETS[token.alphabet]) for _ in range(token.length))


if __name__ == "__main__":
    PAGE.write_text(page())
