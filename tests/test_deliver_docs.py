"""docs/delivery.md says what the code does: its folders, files, limits, answers and choices are read from the page."""

import re
from collections.abc import Iterator

import pytest

from crashguard import config, files, paths, registry, transport
from crashguard import spool as folders
from crashguard.report import envelope
from crashguard.spool import journal, rate_limit, store
from crashguard.transport import backoff, hold, http, sentry, spawn, upload, uploader
from tests.conftest import ROOT
from tests.servers import Server

PAGE = (ROOT / "docs" / "delivery.md").read_text()
WORDS = re.sub(r"\s+", " ", PAGE)


def table(heading: str) -> list[list[str]]:
    """The cells of the table that begins with a heading's cell, without its first two lines."""
    found = PAGE.split(f"\n| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found]


def test_the_folders_are_the_states() -> None:
    """Every state has its row, in the order of a report's life, and there is none beyond."""
    assert [f"`{state}`" for state in store.STATES] == [row[0] for row in table("folder")]


def test_the_files_are_those_that_the_code_writes() -> None:
    """Everything beside the folders of reports has its row."""
    names = {
        *journal.NAMES,
        backoff._NAME,
        store.ABOUT,
        store.ISSUE_URL,
        rate_limit._SUPPRESSED,
        paths.RUNS,
        paths.UNSAFE_NOTICE,
        hold._MARK,
        "resumed",
        "lock",
    }
    names |= set(paths.STATS)
    assert names == {name for row in table("file") for name in re.findall("`([^`]+)`", row[0])}


def test_the_bounds_are_those_of_the_code() -> None:
    """Counts, bytes, days."""
    assert [
        str(store.MOST_REPORTS),
        f"{store.MOST_BYTES // 1024**2} MiB",
        f"{folders.MOST_SECONDS // 86400} days",
        str(registry.MOST_GROUPS),
    ] == [row[1] for row in table("bound")]


def test_the_ways_of_delivery_are_those_that_install_takes() -> None:
    """`delivery=` has these values and no others."""
    assert {f"`{each}`" for each in config._DELIVERIES} == {row[0] for row in table("`delivery=`")}


@pytest.mark.parametrize(
    "words",
    [
        f"for {transport.INLINE_SECONDS:.0f} seconds at most",
        f"once in {transport._RESUME_EVERY:.0f} seconds at most",
        f"{transport.WAIT_FOR_STARTER:.0f} seconds at most, then sends and ends",
        f"After {uploader._MOST_SECONDS} seconds it ends in any case",
        f"{transport._MORE_OF_A_PLUGIN:.0f} seconds passed without a crash",
        f"may take {sentry.SECONDS:.0f} seconds",
        f"{backoff._FIRST:.0f} seconds, then twice as long each time, up to {backoff._MOST / 3600:.0f} hours",
        f"honoured up to {http._MOST_WAIT / 3600:.0f} hours",
        f"a pause of {upload.SPACING} seconds",
        f"older than {files.ABANDONED // 60:.0f} minutes",
        f"over {journal._MOST_BYTES // 1024} KiB",
        f"within {rate_limit.SECONDS / 3600:.0f} hours of one that was sent or rejected",
        f"more than {rate_limit.MOST} reports of all groups within {rate_limit.SECONDS / 3600:.0f} hours",
    ],
)
def test_the_figures_are_those_of_the_code(words: str) -> None:
    """A limit that changes in the code changes on the page."""
    assert words in WORDS


def answers() -> Iterator[tuple[int, str]]:
    """Every status that the page speaks of, with the outcome that it names."""
    named = dict[int, str]()
    rest: list[tuple[range, str]] = []
    for answer, outcome, _ in table("answer"):
        span = re.search(r"(\d{3}) to (\d{3})", answer)
        if span:
            rest.append((range(int(span[1]), int(span[2]) + 1), outcome))
        elif "with" not in answer:
            named.update((int(status), outcome) for status in re.findall(r"\d{3}", answer))
    for span, outcome in rest:
        named.update((status, outcome) for status in span if status not in named)
    return iter(sorted(named.items()))


def test_each_answer_has_the_outcome_that_the_page_names() -> None:
    """All statuses from 200 to 599."""
    said = dict(answers())
    assert list(range(200, 600)) == list(said)
    assert said == {status: http.outcome(status, {}).kind for status in said}


@pytest.mark.parametrize(
    ("mood", "outcome"), [("portal", "retry"), ("redirect", "retry"), ("refused", "retry")]
)
def test_what_no_status_tells_has_the_outcome_that_the_page_names(mood: str, outcome: str) -> None:
    """A web page that says 200, a redirect, no answer at all: real servers."""
    with Server(mood) as server:
        sent = sentry.send(envelope.seal({"event_id": "a" * 32}, server.dsn), server.dsn)
    assert outcome == sent.kind


def test_the_page_names_what_is_there() -> None:
    """The tests, commands and variables that it points to exist."""
    for path in re.findall(r"`(tests/[\w./]+)`", PAGE):
        assert (ROOT / path).exists(), path
    assert (ROOT / "benchmarks" / "delivery.py").exists()
    for variable in re.findall(r"`([A-Za-z_]+(?:_proxy|_FILE|_BUNDLE))`", PAGE):
        assert variable in spawn._ENVIRONMENT, variable
    assert (ROOT / "docs" / "telemetry.md").exists()
