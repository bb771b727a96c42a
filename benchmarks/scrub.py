"""How good and how fast scrubbing is, beside sentry-sdk's EventScrubber and Relay with a server's defaults.

Recall is strict: no useful piece of a secret may be left. The others get each text where they look at texts
most, in `extra` (both pass over the messages of exceptions); what they do by keys is not asked here. Speed is that of
one long log. What is right is not judged here but by the tests.
"""

import json
import os
import statistics
import subprocess
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from benchmarks import measure
from benchmarks.rows import Row, spread_of
from tests.corpus import heldout
from tests.corpus import measure as corpus

GROUP = "Scrubbing: secrets found, harmless texts changed, speed"
PAGE = measure.ROOT / "docs" / "scrubbing.md"
BEGIN, END = "<!-- begin: figures -->", "<!-- end figures -->"

_RELAY = """
import json, sys
from sentry_relay.processing import convert_datascrubbing_config, pii_strip_event
config = convert_datascrubbing_config({"scrubData": True, "scrubDefaults": True, "scrubIpAddresses": True,
                                       "sensitiveFields": [], "excludeFields": []})
made = []
for text in json.load(sys.stdin):
    event = {"platform": "python", "extra": {"text": text}}
    made.append(pii_strip_event(config, event)["extra"]["text"] or "")
print(json.dumps(made))
"""


def run(args: Namespace) -> list[Row]:
    measure.say("scrub")
    from crashguard.scrub import Scrubber

    subjects: dict[str, Callable[[list[str]], list[str]]] = {
        "crashguard": lambda texts: [Scrubber().text(text) for text in texts],
        "sentry-sdk": _sentry_sdk,
    }
    relay = os.environ.get("CRASHGUARD_RELAY_PYTHON") or str(measure.ROOT / ".components/sentry/bin/python")
    if Path(relay).exists():
        subjects["relay"] = lambda texts: _relay(relay, texts)
    rows: list[Row] = []
    each = (2, 1) if args.quick else (20, 8)
    sets = {
        "tuning corpus": (corpus.tuning(each=each[0]), corpus.tuning_harmless(each=2 if args.quick else 5)),
        "held-out corpus": (heldout.samples(each=each[1]), heldout.harmless(each=1 if args.quick else 3)),
    }
    for name, (samples, harmless) in sets.items():
        kinds = len({sample.kind for sample in samples})
        for subject, scrub in subjects.items():
            rows += _judged(f"{name}, {kinds} kinds", subject, scrub, samples, harmless)
    return rows + _speed(args, subjects)


def _judged(
    what: str,
    subject: str,
    scrub: Callable[[list[str]], list[str]],
    samples: list[corpus.Sample],
    harmless: list[str],
) -> list[Row]:
    texts = [sample.text for sample in samples] + harmless
    outputs = dict(zip(texts, scrub(texts), strict=True))
    found = corpus.measure(outputs.__getitem__, samples, harmless)
    ours = subject == "crashguard"
    figures = (
        ("missed secrets", 1 - found.recall, 0.03),
        ("missed, mean over kinds", 1 - found.per_kind, 0.05),
        ("harmless texts changed", found.harmless_changed, 0.015),
        ("context lost", 1 - found.context_kept, 0.03),
    )
    return [
        Row(
            GROUP,
            f"{what}: {name}",
            subject,
            100 * value,
            "%",
            None,
            len(samples),
            None,
            100 * most if ours else None,
        )
        for name, value, most in figures
    ]


def _speed(args: Namespace, subjects: dict[str, Callable[[list[str]], list[str]]]) -> list[Row]:
    size = 300_000 if args.quick else 3_000_000
    logs = {
        "log of a sync, a secret in one line of 500": _log(size, _LINES, 500),
        "log of lines that look like secrets, one of 20 is": _log(size, corpus.tuning_harmless(11, 3), 20),
    }
    rows = []
    for what, log in logs.items():
        subjects["crashguard"]([log[:20_000]])
        samples = []
        for _ in range(1 if args.quick else 5):
            start = time.process_time()
            subjects["crashguard"]([log])
            samples.append(len(log) / 1e6 / (time.process_time() - start))
        rows.append(
            Row(
                GROUP,
                what,
                "crashguard",
                statistics.median(samples),
                "MB/s",
                spread_of(samples),
                len(samples),
            )
        )
    return rows


_LINES = [
    "INF table sync finished client=210987654321:us-east-1 errors=0 module=aws-src resources={n} table=instances",
    "DBG request GET https://api.example.com/v1/items?page={n}&limit=100 status=200 elapsed=12.5ms",
    "WRN retrying in 1.5s: connection reset by peer (attempt 2 of 5) host=db-{n}.internal port=5432",
    "ERR failed to resolve column created_at of table projects: cannot unmarshal number {n} into a field",
    '{{"level":"info","message":"wrote batch","rows":{n},"sha":"9fceb02d0ae598e95dc970b74767f19372d61af8"}}',
    '  File "/usr/lib/python3.11/site-packages/requests/adapters.py", line {n}, in send',
    "worker-7 processed message f47ac10b-58cc-4372-a567-0e02b2c3d479 from queue orders, {n} left",
]


def _log(size: int, harmless: list[str], one_of: int) -> str:
    """A log of so many characters in which one line of `one_of` holds a secret."""
    secrets = [sample.text for sample in corpus.tuning(seed=11, each=1)]
    lines: list[str] = []
    length = number = 0
    while length < size:
        text = harmless[number % len(harmless)]
        if number % one_of == 0:
            text = secrets[number // one_of % len(secrets)]
        elif harmless is _LINES:
            text = text.format(n=number % 5000)
        line = f"2026-01-31T12:{number // 60 % 60:02}:{number % 60:02}Z {text}"
        lines.append(line)
        length += len(line) + 1
        number += 1
    return "\n".join(lines)


def _sentry_sdk(texts: list[str]) -> list[str]:
    from sentry_sdk.scrubber import EventScrubber

    scrubber = EventScrubber(recursive=True, send_default_pii=False)
    made = []
    for text in texts:
        event = {"extra": {"text": text}}
        scrubber.scrub_event(event)  # type: ignore[arg-type]
        made.append(event["extra"]["text"])
    return made


def _relay(python: str, texts: list[str]) -> list[str]:
    done = subprocess.run(
        [python, "-c", _RELAY], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    made: list[str] = json.loads(done.stdout)
    return made


def page(rows: list[Row], date: str) -> str:
    """The figures as a table for docs/scrubbing.md."""
    subjects = list(dict.fromkeys(row.subject for row in rows))
    lines = [f"| {date} | {' | '.join(subjects)} |", "|---|" + "---:|" * len(subjects)]
    for what in dict.fromkeys(row.what for row in rows):
        cells = {row.subject: f"{row.value:.2f} {row.unit}" for row in rows if row.what == what}
        lines.append(f"| {what} | {' | '.join(cells.get(subject, '') for subject in subjects)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    import datetime

    found = run(Namespace(quick=False))
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    PAGE.write_text(f"{before}{BEGIN}\n\n{page(found, date)}\n\n{END}{rest.partition(END)[2]}")
    print(page(found, date))
