"""Words of everyday errors that an engineer needs stay in a message, though a variable holds them at the crash."""

import argparse
import json
import socket
import tomllib
import urllib.request
from collections.abc import Callable

import pytest

from tests.test_messages import message_of

GIVEN = "".join(["mar", "mala", "de"])  # stands in no source as it is
MODES = ("swiftly", "slowly")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(exit_on_error=False)
    made.add_argument("-n", type=int)
    made.add_argument("--mode", choices=MODES)
    return made


def option_of_one_letter() -> None:
    parser().parse_args(["-n", "three"])


def choices_of_an_option() -> None:
    parser().parse_args(["--mode", "quickly"])


def choices_without_quotes() -> None:
    choices = ", ".join(MODES)
    raise LookupError(f"no such mode (choose from {choices})")  # as argparse since CPython 3.13.1


def line_of_a_file() -> None:
    tomllib.loads("a = 1\nb = 2\nc = \n")


def state_that_a_variable_holds() -> None:
    state = json.loads('"swiftly"')
    raise LookupError("cannot go on " + state)


def host_of_this_machine() -> None:
    with socket.socket() as held:  # bound and not listening: nobody else answers there
        held.bind(("127.0.0.1", 0))
        host = "localhost"
        raise ConnectionError(f"cannot connect to {host!r} ({held.getsockname()[0]})")


def refused() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"http://127.0.0.1:{held.getsockname()[1]}/", timeout=20
        )


def scheme_of_an_address() -> None:
    scheme = "postgrs://db/shop".partition(":")[0]
    raise LookupError(f"cannot load plugin: dialects:{scheme}")


def terms_that_fill_holes() -> None:
    version, kind, signal, size = (
        json.loads(f'"{each}"') for each in ("v27.1" + ".0", "Quince" + "Error", "SIG" + "TERM", "int" + "32")
    )
    raise LookupError(f"{kind} in {version} by {signal} at {size}")


@pytest.mark.parametrize(
    ("function", "needed"),
    [
        (terms_that_fill_holes, ["QuinceError in v27.1.0 by SIGTERM at int32"]),
        (option_of_one_letter, ["argument -n: invalid int value"]),
        (choices_of_an_option, ["--mode", "swiftly", "slowly"]),
        (choices_without_quotes, ["(choose from swiftly, slowly)"]),
        (line_of_a_file, ["line 3", "column 5"]),
        (state_that_a_variable_holds, ["cannot go on swiftly"]),
        (host_of_this_machine, ["'localhost'", "127.0.0.1"]),
        (refused, ["[Errno ", "refused"]),
        (scheme_of_an_address, ["dialects:postgrs"]),
    ],
)
def test_a_word_that_an_engineer_needs_stays(function: Callable[[], object], needed: list[str]) -> None:
    """Options, choices, places in a file, states, this machine, the system's words: the program's own, not data."""
    message = message_of(function)

    assert [word for word in needed if word not in message] == []


def test_a_word_of_a_row_does_not_stay_because_others_do() -> None:
    """Beside them the value that was read is a shape, as ever."""
    message = message_of(lambda: parser().parse_args(["--mode", GIVEN]))

    assert GIVEN not in message
    assert "swiftly" in message
