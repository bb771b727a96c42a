"""How many credentials leave texts and crashes: `python -m tests.corpus.printed [-v]`.

    printed.txt          texts as libraries and tools print them; rules were made on what they missed
    printed_blind.txt    the same, written later; rules were made on every second one, from the first on
    documented.txt       texts in the forms that the documentation of libraries and tools shows; rules were made on them
    documented_blind.txt  the same, written last; no rule was made on them
    services.txt         clients of services, command lines, parsers' errors; rules were made on what they missed
    held.py              crashes whose secret only a variable names; rules were made on the half `looked at`

A line has one secret, `¦KIND¦`, which is drawn anew three times: A letters and digits, B the same of 40, H
hexadecimal digits, W a word with a number, P a password of any of these makes. `¶` is the end of a line, `␛` the
escape of a terminal. With -v it shows what was missed, but nothing of a half on which no rule was made.
"""

import contextlib
import io
import json
import os
import random
import re
import sys
from pathlib import Path

import crashguard
from crashguard.scrub import Scrubber
from crashguard.testing import captured_reports
from tests.corpus import held, measure, shapes

_WORDS = ("Bluebell", "Sommer", "Kestrel", "harbour", "Mandarin", "oktober", "Winter")
_WRITTEN = {"¶": "\n", "␛": "\x1b", "\\u00ad": "\u00ad", "\\u200b": "\u200b"}
_EACH = 3


def _secret(kind: str, rng: random.Random) -> str:
    if kind == "A":
        return shapes.expand(f"{{a:{rng.choice([10, 16, 28])}}}", rng)
    if kind in "BH":
        return shapes.expand("{b:40}" if kind == "B" else "{h:64}", rng)
    if kind == "W":
        return rng.choice(_WORDS) + str(rng.randint(10, 2099)) + rng.choice(["", "!"])
    makes = (
        lambda: f"{rng.choice(_WORDS)}-{rng.choice(_WORDS)}{rng.randint(1, 99)}",
        lambda: shapes.expand("{p:14}", rng),
        lambda: f"{rng.choice(_WORDS)}#{rng.randint(100, 9999)}",
    )
    return rng.choice(makes)()


def samples(name: str) -> list[measure.Sample]:
    """Each line of a file with three secrets."""
    rng = random.Random(27)
    found = []
    for number, line in enumerate((Path(__file__).parent / name).read_text().splitlines(), start=1):
        for written, meant in _WRITTEN.items():
            line = line.replace(written, meant)  # noqa: PLW2901 (the same line)
        kind = re.findall("¦(.)¦", line)[0]
        secrets = [_secret(kind, rng) for _ in range(_EACH)]
        found += [measure.Sample(str(number), line.replace(f"¦{kind}¦", each), each) for each in secrets]
    return found


def _missed(found: list[measure.Sample], level: str) -> list[str]:
    scrubbed = [(each, Scrubber(messages=level).text(each.text)) for each in found]
    return [text for each, text in scrubbed if measure.survives(each.secret, each.text, text)]


def _missed_in_crashes(part: str, level: str) -> tuple[int, list[str]]:
    """How many crashes there are, and the messages of those whose report holds the secret."""
    crashes = [(crash, secret) for crash in held.crashes(part) for secret in held.secrets(crash)]
    missed = []
    for crash, secret in crashes:
        before = dict(os.environ)
        with captured_reports() as reports:
            crashguard.install(app="demo", version="1", packages=["tests"], note=False, messages=level)
            quiet = contextlib.redirect_stdout(io.StringIO())
            with contextlib.suppress(BaseException), quiet, crashguard.guard("copying"):
                crash(json.loads(json.dumps(secret)))  # a text that no constant holds
        os.environ.clear()
        os.environ.update(before)
        if held.survives(secret, json.dumps(reports[0].event)):
            missed.append(f"{crash.__name__}: {reports[0].message}")
    return len(crashes), missed


def _say(what: str, level: str, number: int, missed: list[str], *, shown: bool) -> None:
    caught = number - len(missed)
    print(f"{what:36} {level:8} {caught:4} of {number:4}  {100 * caught / number:5.1f} %")
    for text in missed if shown and "-v" in sys.argv else ():
        print("   ", repr(text))


def main() -> None:
    """Print a line for each set and level."""
    blind = samples("printed_blind.txt")
    tuned = [each for each in blind if int(each.kind) % 2]
    untuned = [each for each in blind if not int(each.kind) % 2]
    sets = {
        "printed.txt": (samples("printed.txt"), True),
        "printed_blind.txt, tuned on": (tuned, True),
        "printed_blind.txt, not tuned on": (untuned, False),
        "documented.txt": (samples("documented.txt"), True),
        "documented_blind.txt, not tuned on": (samples("documented_blind.txt"), False),
        "services.txt": (samples("services.txt"), True),
    }
    for level in ("full", "shapes"):
        for what, (found, shown) in sets.items():
            _say(what, level, len(found), _missed(found, level), shown=shown)
        for part in ("looked at", "sealed"):
            _say(f"held.py, {part}", level, *_missed_in_crashes(part, level), shown=part == "looked at")


if __name__ == "__main__":
    main()
