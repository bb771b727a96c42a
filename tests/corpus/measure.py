"""What a scrubber is measured by, the same for ours and for others.

A secret is caught when no piece of it survives that would help anybody: no run of five of its characters (of
half of it, where it is short). Context is what stands around it: the share of its words that is still there.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from tests.corpus import carriers, harmless, kinds

_MARK = re.compile(r"\[scrubbed:[a-z0-9#-]+\]|\[Filtered\]")
# What everybody knows of a webhook's address.
_PUBLIC = re.compile(
    r"https://[^/]+/(?:services/|api/webhooks/|webhookb2/|hooks/catch/)?|access_token\$production\$"
)
_WORD = re.compile(r"[^\W_]{2,}")


class Sample(NamedTuple):
    """One text with one secret in it."""

    kind: str
    text: str
    secret: str


class Result(NamedTuple):
    """The figures, as shares of one."""

    recall: float
    per_kind: float
    harmless_changed: float
    context_kept: float
    missed: list[Sample]
    changed: list[str]


def tuning(seed: int = 1, each: int = 20) -> list[Sample]:
    """The samples that rules may be tuned on."""
    rng = random.Random(seed)
    samples = []
    for name, make, names, sort in kinds.KINDS:
        for _ in range(each):
            value = make(rng)
            text = carriers.carry(sort, names, value, rng)
            samples.append(Sample(name, text, _PUBLIC.sub("", value)))
    return samples


def tuning_harmless(seed: int = 1, each: int = 5) -> list[str]:
    """The harmless texts that rules may be tuned on."""
    return harmless.texts(random.Random(seed), each)


def survives(secret: str, text: str, output: str) -> bool:
    """Whether a useful piece of a secret is still in the output."""
    output = _MARK.sub(" ", output)
    for line in secret.splitlines():
        if line.startswith("-----") and line.endswith("-----"):
            continue
        size = 5 if len(line) >= 10 else max(2, (len(line) + 1) // 2)
        outside = text.replace(line, " ")
        for at in range(len(line) - size + 1):
            piece = line[at : at + size]
            if piece in output and piece not in outside and piece in text:
                return True
    return False


def kept(sample: Sample, output: str) -> float:
    """The share of the words around a secret that are still there."""
    around = sample.text
    for line in sample.secret.splitlines():
        around = around.replace(line, " ")
    words = _WORD.findall(around)
    if not words:
        return 1.0
    left = defaultdict(int)
    for word in _WORD.findall(_MARK.sub(" ", output)):
        left[word] += 1
    count = 0
    for word in words:
        if left[word]:
            left[word] -= 1
            count += 1
    return count / len(words)


def measure(scrub: Callable[[str], str], samples: Iterable[Sample], harmless_texts: Iterable[str]) -> Result:
    """Run a scrubber over everything."""
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    missed = []
    context = []
    for sample in samples:
        output = scrub(sample.text)
        caught = not survives(sample.secret, sample.text, output)
        tally[sample.kind][0] += caught
        tally[sample.kind][1] += 1
        context.append(kept(sample, output))
        if not caught:
            missed.append(sample)
    texts = list(harmless_texts)
    changed = [text for text in texts if scrub(text) != text]
    hits = sum(hit for hit, _ in tally.values())
    total = sum(count for _, count in tally.values())
    return Result(
        hits / total,
        sum(hit / count for hit, count in tally.values()) / len(tally),
        len(changed) / len(texts),
        sum(context) / len(context),
        missed,
        changed,
    )
