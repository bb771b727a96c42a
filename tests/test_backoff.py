"""When sending may begin again: what failures and servers ask for, in one figure that processes share."""

import stat
import time
from pathlib import Path

import pytest

from crashguard.transport import backoff

NOW = 1_800_000_000.0
HOUR = 3600.0


@pytest.fixture
def root(tmp_path: Path) -> str:
    folder = tmp_path / "spool"
    folder.mkdir()
    return str(folder)


def pause(root: str) -> float:
    """Seconds from NOW."""
    return backoff.not_before(root, now=NOW) - NOW


def test_nothing_is_in_the_way_at_first(root: str) -> None:
    """No file, no pause."""
    assert 0.0 == backoff.not_before(root)
    assert backoff.is_time(root)


@pytest.mark.parametrize(
    ("failures", "usual"), [(1, 30), (2, 60), (3, 120), (5, 480), (10, 15_360), (11, 6 * HOUR)]
)
def test_each_failure_waits_twice_as_long_as_the_one_before(root: str, failures: int, usual: float) -> None:
    """Half a minute at first, six hours at most, a quarter more or less."""
    for _ in range(failures):
        backoff.failed(root, now=NOW)

    assert 0.74 * usual <= pause(root) <= 1.26 * usual


@pytest.mark.slow
def test_pauses_are_spread_over_the_whole_quarter(tmp_path: Path) -> None:
    """Two hundred machines whose server went down together."""
    pauses = []
    for number in range(200):
        folder = tmp_path / str(number)
        folder.mkdir()
        for _ in range(6):
            backoff.failed(str(folder), now=NOW)
        pauses.append(pause(str(folder)) / 960)

    assert 0.74 < min(pauses) < 0.85
    assert 1.15 < max(pauses) < 1.26


@pytest.mark.slow
def test_nobody_waits_longer_than_six_hours_and_a_quarter(tmp_path: Path) -> None:
    """Sixty machines whose server has been down for days."""
    pauses = []
    for number in range(60):
        folder = tmp_path / str(number)
        folder.mkdir()
        for _ in range(14):
            backoff.failed(str(folder), now=NOW)
        pauses.append(pause(str(folder)) / HOUR)

    assert 0.74 * 6 < min(pauses) < 5.4
    assert 6.6 < max(pauses) < 1.26 * 6


def test_a_success_begins_again(root: str) -> None:
    """The next failure waits short."""
    for _ in range(8):
        backoff.failed(root, now=NOW)
    backoff.succeeded(root)
    assert backoff.is_time(root, now=NOW)
    backoff.failed(root, now=NOW)

    assert pause(root) < 40


def test_what_a_server_asks_for_holds_and_forgets_no_failure(root: str) -> None:
    """Its pause, to the second; then the next failure is still the fourth."""
    for _ in range(3):
        backoff.failed(root, now=NOW)
    backoff.wait(root, 77, now=NOW)
    assert 77 == pause(root)
    assert not backoff.is_time(root, now=NOW + 76)
    assert backoff.is_time(root, now=NOW + 77)

    backoff.failed(root, now=NOW)
    assert 0.74 * 240 <= pause(root) <= 1.26 * 240


def test_a_server_may_ask_for_a_day(root: str) -> None:
    """A date that is further ahead was written under another clock, and means nothing."""
    backoff.wait(root, 24 * HOUR, now=NOW)
    assert 24 * HOUR == pause(root)
    for hours in (26, 1_000):
        backoff.wait(root, hours * HOUR, now=NOW)
        assert 0.0 == backoff.not_before(root, now=NOW)


@pytest.mark.parametrize("back", [6, HOUR, 23 * HOUR, 400 * 24 * HOUR])
@pytest.mark.parametrize("seconds", [30, HOUR, 24 * HOUR])
def test_a_clock_that_is_set_back_ends_the_wait(root: str, back: float, seconds: float) -> None:
    """Half a minute would become an hour, and an hour a day; a clock that runs a moment behind changes nothing."""
    backoff.wait(root, seconds, now=NOW)
    assert not backoff.is_time(root, now=NOW - 3)
    assert backoff.is_time(root, now=NOW - back)

    backoff.failed(root, now=NOW - back)
    assert not backoff.is_time(root, now=NOW - back + 1)
    assert backoff.is_time(root, now=NOW - back + 40)


def test_a_wait_that_an_older_version_has_written_holds(root: str) -> None:
    """It did not write when it wrote it."""
    (Path(root) / "backoff").write_text(f"{NOW + 30:.0f} 2\n")
    assert 30 == pause(root)
    backoff.failed(root, now=NOW)
    assert 0.74 * 120 <= pause(root) <= 1.26 * 120


def test_the_figure_is_of_this_moment(root: str) -> None:
    """Without a time given it is now."""
    backoff.wait(root, 600)
    assert 590 < backoff.not_before(root) - time.time() <= 601
    assert not backoff.is_time(root)
    backoff.failed(root)
    assert 15 < backoff.not_before(root) - time.time() < 45


def test_the_file_is_private(root: str) -> None:
    """When a tool failed to reach its server is nobody else's business."""
    backoff.failed(root, now=NOW)

    [file] = Path(root).iterdir()
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)


def test_where_nothing_can_be_kept_nothing_is_raised(tmp_path: Path) -> None:
    """Then the next run asks the server again."""
    root = str(tmp_path / "not there")
    backoff.failed(root)
    backoff.wait(root, 10)
    backoff.succeeded(root)

    assert backoff.is_time(root)
