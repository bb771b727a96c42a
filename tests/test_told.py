"""What the tool's own code raises is its text and data: the data leaves as shapes, whatever it was printed as.

Each case is a process that died. Its report on disk is looked through, for the words of the rows that it was given and
for its own.
"""

import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROGRAMS, Run

ROWS = [
    {"id": "10451", "name": "Marta Quillfeather", "street": "14 Quince Lane", "city": "Zagreb", "born": "1971-03-12",
     "paid": "1234.56", "phone": "091 5552 310", "note": "prefers calls after five, likes marzipan"},
    {"id": "10452", "name": "ingrid okafor", "street": "rue du bac 9", "city": "porto", "born": "1988-11-02",
     "paid": "98765.4", "phone": "0221-887766", "note": "allergic to pollen; ask for tulips"},
    {"id": "10453", "name": "KWAME LINDQVIST", "street": "STORGATAN 22", "city": "UPPSALA", "born": "1965-07-30",
     "paid": "77001.10", "phone": "5551234567", "note": "SWEARS AT THE BAKER"},
    {"id": "10454", "name": "Zoë Ångström", "street": "Hägerstensvägen 7", "city": "Malmö", "born": "1990-01-05",
     "paid": "420000.00", "phone": "+46 70 555 12 12", "note": "asthma, no access on weekends"},
]  # fmt: skip
PIECES = {word for row in ROWS for value in row.values() for word in re.findall(r"[^\W_]{3,}", value.lower())}
PIECES -= {"calls", "after", "five", "for", "the", "ask", "access"}  # which libraries say as well
WORDS = {
    "folder_of_the_source": ["'/srv/wharves/[shape:", "]/manifest.csv'"],
    "program_that_was_started": ["fatal: repository '", "' does not exist"],
    "entry_of_a_table": ["the pallet is gone"],
    "format_of_a_table": ["no dock for"],
    "beginning_of_a_table": ["the pallet is gone: "],
    "name_of_a_list": ["step Weigh Pallets failed"],
    "names_of_a_list": ["Quay, Account Holder, jetty"],
    "list_of_names": ["['Quay', 'Account Holder', 'jetty']"],
    "value_of_a_member": ["Sprawling"],
    "attribute_of_a_class": ["Gantry crane cannot stop while Hoisting"],
    "default_of_an_argument": ["cannot run Levantine at sauntering"],
    "text_of_a_caller": ["the weighbridge is locked"],
    "text_of_a_function": ["ask Quartermaster"],
    "translation": ["Kein Liegeplatz ist frei"],
    "key_of_a_constant": ["'Account Holder'"],
    "helper_of_another_module": ["entry 0: ", "entry 3: ", "has an unknown colour"],
    "class_of_another_module": ["refused by the board: ", " since "],
    "library_that_is_quoted": ["cannot read: no such table: stevedores"],
    "system_that_is_quoted": ["<urlopen error [Errno 111] Connection refused>"],
    "messages_that_were_kept": ["no such table: stevedores", "no such table: lighters"],
    "last_of_several_attempts": [
        "gave up after 2: ",
        "Failed to establish a new connection: [Errno 111] Connection",
    ],
    "library_that_says_host_and_path": [
        "host='127.0.0.1', port=9): Max retries exceeded with url: /v1/berths/["
    ],
    "printed_traceback": ["Traceback (most recent call last):", "invalid literal for int() with base 10: "],
    "lines_of_a_letter": ["the parcel for", "came back.", "The harbour"],
}


def _catalogue(folder: Path, texts: dict[str, str]) -> None:
    """A catalogue of translations as msgfmt writes it."""
    texts = {"": "Content-Type: text/plain; charset=UTF-8\n", **texts}
    keys, values = (
        b"\0".join([*map(str.encode, each), b""]) for each in (sorted(texts), map(texts.get, sorted(texts)))
    )  # type: ignore[arg-type]
    begin = 28 + 16 * len(texts)
    table = b""
    for block, at in ((keys, begin), (values, begin + len(keys))):
        for each in block.split(b"\0")[: len(texts)]:
            table += struct.pack("<II", len(each), at)
            at += len(each) + 1  # noqa: PLW2901 (the next one lies behind it)
    path = folder / "de" / "LC_MESSAGES"
    path.mkdir(parents=True)
    head = struct.pack("<7I", 0x950412DE, 0, len(texts), 28, 28 + 8 * len(texts), 0, 0)
    (path / "told.mo").write_bytes(head + table + keys + values)


Reports = dict[str, dict[str, Any]]


@pytest.fixture
def reports(run: Run, tmp_path: Path) -> Reports:
    """The report of each case, by its name."""
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps(ROWS))
    _catalogue(tmp_path / "locale", {"no berth is free": "Kein Liegeplatz ist frei"})
    done = run("told.py", str(rows), str(tmp_path / "locale"))
    assert done.status == 0, done.stderr
    names = [*json.loads(done.stdout), *WORDS]
    return {name: _one(done.events(name.replace("_", "-"))) for name in names}


def _one(events: list[dict[str, Any]]) -> dict[str, Any]:
    [event] = events
    return event


def _messages(event: dict[str, Any]) -> str:
    return "\n".join(each.get("value", "") for each in event["exception"]["values"])


@pytest.mark.slow
def test_the_tools_messages_are_its_words_and_shapes(reports: Reports) -> None:
    """No word of a row is in a report, be it of a table, a list of errors, a repr or a wrapped note; the tool's are."""
    left = {}
    for name, event in reports.items():
        plain = re.sub(r"\[(?:shape|scrubbed):[^\]]*\]", "", _messages(event)).lower()
        found = sorted(PIECES.intersection(re.findall(r"[^\W_]+", plain)))
        if found:
            left[name] = (found, plain)
    lost = {
        name: _messages(reports[name])
        for name, needed in WORDS.items()
        if not all(word in _messages(reports[name]) for word in needed)
    }

    assert left == {}
    assert lost == {}
    assert not [name for name, event in reports.items() if event["contexts"]["crashguard"].get("tripwire")]


def test_no_expected_word_stands_in_the_program_that_says_it() -> None:
    """Else the test would show nothing: a text of the program's own source stays for that alone."""
    source = (PROGRAMS / "told.py").read_text()

    assert not [
        word
        for words in WORDS.values()
        for word in words
        if f'"{word}"' in source and "weighbridge" not in word
    ]
    assert not [piece for piece in PIECES if re.search(rf"\b{piece}\b", source.lower())]
