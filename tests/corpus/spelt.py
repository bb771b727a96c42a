"""Secrets whose names are spelt in other ways: other languages, escapes, invisible characters, other forms.

`spelt.txt` has the texts: a kind, a bar, a text in which the secret stands between two `¦`; `¶` is a line end, `␛` an escape. Rules
may be tuned on its part `tuned`. Its part `blind` was written at the same time, before the rules, and is measured only:
what is learned from it is not written back. Each text is measured with three secrets that are drawn by lot.
"""

import random
import unicodedata
from pathlib import Path

from tests.corpus import shapes
from tests.corpus.measure import Sample

_SECRETS = ("{a:12}", "{p:14}", "{a:24}")


def samples(part: str, seed: int = 16) -> list[Sample]:
    """The samples of a part, `tuned` or `blind`."""
    rng = random.Random(seed)
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    lines = text.partition(f"[{part}]\n")[2].partition("\n\n")[0].splitlines()
    made = []
    for line in lines:
        kind, _, template = line.partition(" | ")
        before, _, after = template.replace("¶", "\n").replace("␛", "\x1b").partition("¦S¦")
        if before.startswith("NFD "):
            before = unicodedata.normalize("NFD", before[4:])
        for shape in _SECRETS:
            secret = shapes.expand(shape, rng)
            made.append(Sample(kind, f"{before}{secret}{after}", secret))
    return made
