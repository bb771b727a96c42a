"""A program may put anything into `sys.modules`: it runs as without crashguard, and its crash is on record."""

import pytest

from tests.conftest import Run

ODD = {
    "None": "for name in NAMES: sys.modules[name] = None",
    "a text": "for name in NAMES: sys.modules[name] = 'text'",
    "an object that raises": "for name in NAMES: sys.modules[name] = Raises()",
}
BEGIN = """
import sys
import crashguard
crashguard.guard
NAMES = ("threading", "logging", "code", "signal", "asyncio", "json", "click.exceptions", "trio")
class Raises:
    def __getattribute__(self, name): raise RuntimeError(name)
"""
INSTALL = 'crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)\n'
DIES = "def fails(): raise ValueError('bad')\n"


@pytest.mark.parametrize("odd", ODD)
def test_a_crash_after_it_is_on_record(run: Run, odd: str) -> None:
    """The hook raises nothing of its own."""
    done = run(BEGIN + INSTALL + ODD[odd] + "\n" + DIES + "fails()\n")

    assert 1 == done.status
    assert "ValueError: bad" in done.stderr
    assert "Error in sys.excepthook" not in done.stderr
    assert "ValueError" in [event["exception"]["values"][-1]["type"] for event in done.events()]


@pytest.mark.parametrize("odd", ODD)
def test_install_works_after_it(run: Run, odd: str) -> None:
    """The program that has no module of threads, say, gets the hooks that there are."""
    done = run(BEGIN + ODD[odd] + "\n" + INSTALL + DIES + "fails()\n")

    assert "ValueError: bad" in done.stderr
    assert "ValueError" in [event["exception"]["values"][-1]["type"] for event in done.events()]


@pytest.mark.parametrize("odd", ODD)
def test_a_guard_raises_nothing_of_its_own(run: Run, odd: str) -> None:
    """It swallows what it would swallow."""
    guarded = "with crashguard.guard(reraise=False): fails()\nprint('goes on')\n"
    done = run(BEGIN + INSTALL + ODD[odd] + "\n" + DIES + guarded)

    assert "goes on\n" == done.stdout
    assert "ValueError" in [event["exception"]["values"][-1]["type"] for event in done.events()]


def test_the_hook_raises_nothing_where_another_mapping_is_in_its_place(run: Run) -> None:
    """One that raises at each question; the interpreter shows the crash as without crashguard."""
    mapping = "class Mapping(dict):\n    def __contains__(self, name): raise RuntimeError(name)\n"
    mapping += "    def get(self, name, default=None): raise RuntimeError(name)\n"
    done = run(BEGIN + INSTALL + mapping + "sys.modules = Mapping(sys.modules)\n" + DIES + "fails()\n")

    assert 1 == done.status
    assert "ValueError: bad" in done.stderr
    assert "Error in sys.excepthook" not in done.stderr
