"""What is cheap on purpose stays so, and the cheap way gives what the plain way would. No clocks here."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashguard import capture, registry, reporter
from crashguard.report import envelope, fingerprint
from crashguard.scrub import Rule, Scrubber
from crashguard.scrub._tables import FOREIGN_STEMS
from crashguard.transport import spawn
from tests.conftest import Run

ROOT = Path(__file__).parent.parent

_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@pytest.mark.slow
@given(_values)
def test_json_by_hand_is_what_json_would_say(value: Any) -> None:
    """A process that has not loaded json writes the very bytes that json would have written."""
    assert envelope._by_hand(value) == json.dumps(value, allow_nan=False, separators=(",", ":"))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), object(), {"x": {1, 2}}, b"x"])
def test_json_by_hand_refuses_what_is_no_json(value: object) -> None:
    """NaN, infinity and objects are refused, as by json."""
    with pytest.raises(ValueError, match="an event holds no"):
        envelope._by_hand(value)


@pytest.mark.slow
@given(st.lists(st.text(), max_size=6), st.lists(st.text(), max_size=6))
def test_the_digest_is_eight_digits_of_the_whole_fingerprint(one: list[str], other: list[str]) -> None:
    """The same fingerprint has the same digest, eight hexadecimal digits."""
    assert fingerprint.digest(one) == fingerprint.digest(list(one))
    assert len(fingerprint.digest(other)) == 8
    assert int(fingerprint.digest(other), 16) >= 0


def test_digests_of_near_fingerprints_differ() -> None:
    """A thousand fingerprints that differ in a digit or in their order have a thousand digests."""
    near = [["ValueError", "app:main", f"app:read{number}"] for number in range(500)]
    near += [["ValueError", f"app:read{number}", "app:main"] for number in range(500)]

    assert len({fingerprint.digest(each) for each in near}) == 1_000


@pytest.mark.slow
@given(st.data())
def test_a_name_of_another_language_is_looked_for_where_it_stands(data: st.DataObject) -> None:
    """Every such name in plain ASCII holds one of the stems that are searched for first."""
    source = tomllib.loads((ROOT / "tools/vocabulary.toml").read_text())["foreign"]["latin"]
    pattern = data.draw(st.sampled_from(sorted(source.values()))).replace("\n", "")
    text = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))

    assert any(stem in text.lower() for stem in FOREIGN_STEMS)


def test_what_is_private_now_is_found_in_a_text_that_was_harmless() -> None:
    """A text in which nothing was found is looked through again for what another report knows to be private."""
    text = "cannot open the vault of tannenhof"

    assert Scrubber().text(text) == text
    assert (
        Scrubber(needles={"tannenhof": "private"}).text(text) == "cannot open the vault of [scrubbed:private]"
    )
    assert (
        Scrubber(rules=[Rule("vault", "vault of (?P<secret>[a-z]+)")]).text(text).endswith("[scrubbed:vault]")
    )
    assert Scrubber().text(text) == text


def test_a_mark_is_told_from_text_that_looks_like_one() -> None:
    """Marks of our kinds and of the user's rules stay; an invented kind hides nothing."""
    text = "[scrubbed:aws-key] [scrubbed:vault] [scrubbed:AKIAQ3EGRIZJ2N4T5W6Z] token=[scrubbed:hunter2x9Z]"
    scrubbed = Scrubber(rules=[Rule("vault", "nothing")]).text(text)

    assert scrubbed.startswith("[scrubbed:aws-key] [scrubbed:vault] ")
    assert "hunter2x9Z" not in scrubbed
    assert "AKIAQ3EGRIZJ2N4T5W6Z" not in scrubbed


def _modules(code: str, home: Path) -> set[str]:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{code}\nimport atexit, sys\natexit.register(lambda: print(*sys.modules))\nread()",
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"HOME": str(home), "PATH": ""},
        check=False,
    )
    return set(done.stdout.split())


def test_a_crash_loads_no_library_of_size(home: Path) -> None:
    """A dying process loads re and nothing else of size: no json, no traceback, no psutil, no attrs."""
    bare = "def read():\n    raise ValueError('cannot read row 17')"
    ours = f"import crashguard\ncrashguard.install(app='demo', version='1', dsn='http://k@127.0.0.1:9/1')\n{bare}"
    added = _modules(ours, home) - _modules(bare, home)

    assert "crashguard.reporter" in added
    heavy = {
        "json",
        "psutil",
        "attr",
        "sentry_sdk",
        "urllib3",
        "threading",
        "logging",
        "subprocess",
        "typing",
    }
    assert added & (heavy | {"zlib", "dataclasses", "contextlib", "inspect", "linecache", "socket"}) == set()


_FOLLOW = """
import atexit, sys
touched = set()
def follow(frame, event, arg):
    file = frame.f_code.co_filename
    if "/crashguard/" in file: touched.add(file)
def say():
    sys.setprofile(None)
    print(len({m for m in sys.modules if m.startswith("crashguard")} - before), len(touched))
before = {m for m in sys.modules if m.startswith("crashguard")}
atexit.register(say)
sys.setprofile(follow)
"""


_ROW = "def read(row):\n    raise ValueError(f'cannot read row {row}: password=hunter2-of-ada')\nread(17)\n"
_CHAIN = (
    "def read(path):\n    try:\n        open(path)\n    except OSError as error:\n"
    "        raise ValueError(f'cannot read {path}') from error\nread('/srv/data/accounts.csv')\n"
)


@pytest.mark.parametrize(
    ("crash", "most_imported", "most_touched"),
    [("1 / 0\n", 41, 54), (_ROW, 44, 57), (_CHAIN, 56, 70)],
    ids=["a constant", "a password", "a chain with a path"],
)
def test_what_a_crash_imports_is_bounded(run: Run, crash: str, most_imported: int, most_touched: int) -> None:
    """A crash imports a file of ours only if what its message holds asks for it."""
    done = run(
        "import crashguard\n"
        "crashguard.install(app='demo', version='1.0', dsn='http://k@127.0.0.1:9/1', delivery='background')\n"
        f"{_FOLLOW}\n{crash}",
        env={"PATH": "/usr/bin:/bin"},
    )
    imported, touched = map(int, done.stdout.split())

    assert imported <= most_imported
    assert touched <= most_touched


def test_a_storm_of_new_crashes_is_not_described(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound of kinds a new crash is counted without a report being made of it."""
    capture.install(app="demo", version="1.0.0", note=False)
    names: dict[str, Any] = {}
    for number in range(registry.MOST_GROUPS + 20):
        exec(compile(f"def f{number}(): raise ValueError('x')", __file__, "exec"), globals(), names)
    made = []
    monkeypatch.setattr(
        reporter.event, "describe", lambda *a, _d=reporter.event.describe, **k: made.append(1) or _d(*a, **k)
    )
    for number in range(registry.MOST_GROUPS + 20):
        try:
            names[f"f{number}"]()
        except ValueError as exc:
            capture.capture_exception(exc)

    assert len(made) == registry.MOST_GROUPS


def test_one_uploader_is_started_for_many_reports(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process records within seconds is sent by the uploader that its first report started."""

    started = []
    monkeypatch.setattr(spawn, "_spawn", lambda *a: started.append(a) or _true())
    monkeypatch.setattr(spawn, "is_seen", lambda: False)  # the runner has threads, and other tests' children
    capture.install(
        app="demo", version="1.0.0", dsn="http://k@127.0.0.1:9/1", note=False, delivery="background"
    )
    for kind in (ValueError, KeyError, TypeError):
        try:
            raise kind("x")
        except kind as exc:
            capture.capture_exception(exc)

    assert len(started) == 1


def _true() -> int:
    """The pid of a process that does nothing."""
    return subprocess.Popen(["true"]).pid
