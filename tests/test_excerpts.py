"""A server's excerpt of the statement that it was given holds no value, be it cut or not, and the statement stays."""

import json
from pathlib import Path
from typing import Any

import pytest

import crashguard
from tests.test_messages import message_of

# As the servers and drivers print them. They are read at run time: what a test's source says would stay.
EXCERPTS = json.loads((Path(__file__).parent / "corpus" / "excerpts.json").read_text())


@pytest.mark.parametrize("excerpt", EXCERPTS, ids=lambda excerpt: excerpt["of"])
def test_a_statement_that_is_printed_holds_no_value(excerpt: dict[str, Any]) -> None:
    """Be it a text by itself or the message of a crash."""
    text = excerpt["text"]

    def fails() -> None:
        raise RuntimeError("cannot store: " + text)

    for scrubbed in (crashguard.scrub_text(text), message_of(fails)):
        assert [piece for piece in excerpt["data"] if piece in scrubbed] == [], scrubbed
        assert [word for word in excerpt["words"] if word not in scrubbed] == [], scrubbed


def test_a_word_that_was_put_into_a_statement_goes_wherever_the_server_names_it() -> None:
    """Without quotes around it a value reads as a column; what the tool's own statement says stays."""
    value = "".join(["zwi", "ckel"])

    def fails() -> None:
        statement = "select id from berths where name = " + value
        del statement
        raise RuntimeError(
            f'column "{value}" does not exist\nLINE 1: select id from berths where name = {value}\n{" " * 43}^'
        )

    message = message_of(fails)
    assert value not in message
    assert "LINE 1: select id from berths where name = [" in message


def test_a_keyword_at_which_a_server_stumbled_stays() -> None:
    """It is the mistake itself."""

    def fails() -> None:
        query = "select id form berths"
        raise RuntimeError(f'near "{query.split()[2]}": syntax error')

    assert 'near "form": syntax error' in message_of(fails)
