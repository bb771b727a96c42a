"""What the level of `messages=` decides: a stricter one never says more, and none touches what the reporter says itself."""

import argparse
import itertools
import json
import re
import string
from collections.abc import Callable
from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crashguard
from crashguard.integrations.argparse import add_telemetry_level
from crashguard.scrub import Scrubber
from crashguard.testing import captured_reports
from tests.conftest import Run

LEVELS = ("none", "template", "shapes", "names", "full")  # the strictest first
STRICT = ("none", "template")
PLUGIN = crashguard.Plugin("acme", "source", "files", "1.2.3", official=True)


def report_of(function: Callable[[], object], level: Any, **settings: Any) -> dict[str, Any]:
    with captured_reports() as reports:
        crashguard.install(
            app="demo", version="1.2.3", packages=["tests"], note=False, messages=level, **settings
        )
        with crashguard.guard("copying", plugin=PLUGIN, reraise=False):
            function()
        return reports[0].event


# -- what the reporter says itself


def fails() -> None:
    raise FileNotFoundError(2, "No such file or directory", "/tmp/demo.conf")


def clicked() -> None:
    @click.command("do-it")
    @click.option("--dry-run", is_flag=True)
    def command(dry_run: bool) -> None:
        fails()

    click.Group("demo", {"do-it": command})(["do-it", "--dry-run"], standalone_mode=False)


def test_what_the_reporter_says_is_the_same_at_every_level() -> None:
    """Interpreter, system, codes, the failed function, the subcommand: facts of the crash, which nobody typed."""
    at_full = report_of(clicked, "full", environment="production")
    assert at_full["tags"]["command"] == "do-it"
    assert at_full["contexts"]["command"]["options"] == ["--dry-run"]

    for level in LEVELS:
        event = report_of(clicked, level, environment="production")

        assert event["contexts"]["crashguard"].pop("messages") == level
        for field in ("transaction", "release", "environment", "contexts"):
            expected = dict(at_full[field]) if type(at_full[field]) is dict else at_full[field]
            if field == "contexts":
                for name in ("process", "device"):  # figures of the moment
                    event[field].pop(name), expected.pop(name)
                expected["crashguard"] = {k: v for k, v in expected["crashguard"].items() if k != "messages"}
            assert event[field] == expected, level
        for tag in ("component", "command", "plugin.name", "plugin.version"):
            assert event["tags"][tag] == at_full["tags"][tag], level


@pytest.mark.parametrize("level", LEVELS[1:])
def test_a_systems_error_keeps_its_number_and_the_systems_words(level: str) -> None:
    """They are from the system's table, and no program or person wrote them."""
    message = report_of(fails, level)["exception"]["values"][-1]["value"]

    assert message.startswith("[Errno 2] No such file or directory: '")


# -- names that a program makes at run time

GIVEN = "".join(["zu", "brow", "ka"])  # stands in no source as it is


def declared_to_click() -> None:
    @click.command(GIVEN)
    @click.option(f"--{GIVEN}-only", "only", is_flag=True)
    def command(only: bool) -> None:
        raise ValueError("x")

    click.Group("demo", {GIVEN: command})([GIVEN, f"--{GIVEN}-only"], standalone_mode=False)


def declared_to_argparse() -> None:
    parser = argparse.ArgumentParser()
    add_telemetry_level(parser, app="demo")
    below = parser.add_subparsers().add_parser(GIVEN)
    below.add_argument(f"--{GIVEN}-only", action="store_true")
    parser.parse_args([GIVEN, f"--{GIVEN}-only"])
    raise ValueError("x")


def named_by_an_environment() -> None:
    crashguard.install(app="demo", version="1.2.3", environment=GIVEN)
    raise ValueError("x")


class Refused(Exception):
    sqlstate = pgcode = GIVEN[:5].upper()


def code() -> None:
    raise Refused


@pytest.mark.parametrize("level", STRICT)
@pytest.mark.parametrize("function", [declared_to_click, declared_to_argparse, named_by_an_environment, code])
def test_no_name_leaves_that_was_made_at_run_time(function: Callable[[], None], level: str) -> None:
    """A subcommand for each table of a customer, the name of a customer's environment, a word for a SQLSTATE."""
    event = report_of(function, level)

    assert GIVEN[:5] not in json.dumps(event).lower()


# -- the last look


def test_a_variable_that_holds_what_the_reporter_says_withholds_no_message() -> None:
    """The tripwire looks for values in what leaves: the reporter's own facts are none, whoever holds them too."""

    def with_facts() -> None:
        source = "machine's choice"
        raise LookupError("no such thing as this: " + str(len(source)))

    scrubber = None
    try:
        with_facts()
    except LookupError as exc:
        scrubber = Scrubber.of_crash([(exc, exc.__traceback__)], lambda *_: True)
        event = {"contexts": {"crashguard": {"telemetry_level_source": "machine's choice"}}}
        made = scrubber.event(event)

        assert made == event
        assert scrubber.leaks(json.dumps(made).encode()) == []
        assert scrubber.leaks(b"read: machine's choice of Marta") == []


def test_a_label_in_the_published_code_withholds_no_message() -> None:
    """A variable holds a constant of the module, and that stands in a line beside the frame."""
    label, name = (
        bytes.fromhex(each).decode() for each in ("437573746f6d6572204e616d65", "416461205175696c6c")
    )
    labels = {"customer": label}  # as a constant of the module, which is in no code on the traceback

    def convert(row: dict[str, str]) -> None:
        for key, title in labels.items():
            row[title] = str(float(row[key]))

    try:
        convert({"customer": name})
    except ValueError as exc:
        scrubber = Scrubber.of_crash([(exc, exc.__traceback__)], lambda *_: True)
        frame = {
            "function": "convert",
            "pre_context": [f'labels = {{"customer": "{label}"}}'],
            "context_line": "    row[title] = str(float(row[key]))",
        }
        value = {"type": "ValueError", "value": str(exc), "stacktrace": {"frames": [frame]}}
        made = scrubber.event({"exception": {"values": [value]}})
        told = json.dumps(made)

        assert label in told
        assert name not in told
        assert scrubber.leaks(told.encode()) == []
        assert scrubber.leaks(f"{told} {label}".encode()) == ["value"]
        assert scrubber.leaks(f"{told} {name}".encode()) == ["value"]


# -- a stricter level never says more

PIECES = """
Marta Ruiz okafor Zagreb RADU customer table column name note invalid literal for line 3 2026 12/03/1971 max_rows orders
'Marta 'okafor' "no access" Reading cannot connect to error: key= (x) [1] --mode -n a, 'b' https://db.internal/Ruiz
/data/okafor.csv x=1 {'name': 'Marta'} Europe/Zagreb 0171-5550133
"""
WORDS = st.one_of(
    st.sampled_from(PIECES.split()),
    st.text(string.ascii_letters + string.digits + " '\"=:,./-_", min_size=1, max_size=12),
)
TEXTS = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
_MARK = re.compile(r"\[(?:scrubbed|shape):[^\]]*\]|\[value\]")
_RUN = re.compile(r"[^\W_]+")


def _said(text: str) -> list[str]:
    """The runs of letters and digits that a text says, in order."""
    return _RUN.findall(_MARK.sub("\n", text))


def _is_part(strict: list[str], loose: list[str]) -> bool:
    """Whether everything that one says stands in the other, in the same order."""
    left = iter(loose)
    return all(run in left for run in strict)


def _messages(raise_it: Callable[[], None]) -> dict[str, str]:
    """What is left of the message of a crash at each level that has messages."""
    try:
        raise_it()
    except Exception as exc:  # noqa: BLE001 (whatever it is)
        found = [(exc, exc.__traceback__)]
        message = "\n".join([str(exc), *getattr(exc, "__notes__", ())])
        return {
            level: Scrubber.of_crash(found, lambda *_: True, messages=level).text(message)  # type: ignore[arg-type]
            for level in LEVELS[1:]
        }
    raise AssertionError


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS, TEXTS)
def test_a_stricter_level_never_says_more(first: str, second: str, note: str) -> None:
    """Each word that a message says at a level it says at every looser one, too, in the same order."""

    def quotes() -> None:
        row = {"name": first, "note": second}
        error = LookupError(f"no inbox for {row['name']} in {row['note']!r}")
        error.add_note(note)
        raise error

    def is_nothing_else() -> None:
        raise ValueError(first)

    def library() -> None:
        {}[first]

    for function in (quotes, is_nothing_else, library):
        made = _messages(function)
        for strict, loose in itertools.pairwise(LEVELS[1:]):
            assert _is_part(_said(made[strict]), _said(made[loose])), (strict, loose, made)


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS)
def test_a_stricter_level_never_says_more_in_a_tag(guard: str, command: str) -> None:
    """What tags and contexts say at a level they say at every looser one, too."""
    event = {
        "tags": {"guard": guard, "command": command, "table": guard},
        "contexts": {"command": {"options": command.split()}},
        "environment": command,
    }
    made = [Scrubber(messages=level).event(event) for level in LEVELS]  # type: ignore[arg-type]
    for strict, loose in itertools.pairwise(made):
        for place in ("guard", "command", "table"):
            assert _is_part(_said(strict["tags"].get(place, "")), _said(loose["tags"][place])), place
        said = [_said(" ".join(map(str, each["contexts"]["command"]["options"]))) for each in (strict, loose)]
        assert _is_part(*said)
        assert _is_part(_said(strict["environment"]), _said(loose["environment"]))


def test_a_report_of_the_strictest_level_holds_no_message(run: Run) -> None:
    """Not in its values, its notes, nor anywhere else."""
    done = run(
        "import crashguard\n"
        "from crashguard.testing import captured_reports\n"
        "with captured_reports() as reports:\n"
        "    crashguard.install(app='demo', version='1.2.3', note=False, messages='none')\n"
        "    with crashguard.guard(reraise=False):\n"
        "        raise LookupError('no inbox for ' + 'zu' + 'brow' + 'ka')\n"
        "    print(reports[0].event)\n"
    )

    assert GIVEN not in done.stdout
    assert "no inbox" not in done.stdout
