"""The lock of a spool: who gets it, who does not keep it, and what may lie in its place."""

import os
from pathlib import Path

import pytest

from crashguard.spool.lock import Lock


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    """A worker that was forked while its parent sent lives on; the next sender gets the lock all the same."""
    with Lock(str(tmp_path)) as mine:
        assert mine
        reads, writes = os.pipe()
        child = os.fork()
        if not child:
            os.close(writes)
            os.read(reads, 1)
            os._exit(0)
    with Lock(str(tmp_path)) as again:
        assert again
    os.close(writes)
    os.close(reads)
    os.waitpid(child, 0)


@pytest.mark.parametrize("what", ["folder", "link"])
def test_what_lies_in_the_place_of_the_lock_does_not_stop_delivery(tmp_path: Path, what: str) -> None:
    """It is moved out of the way, untouched."""
    place = tmp_path / "lock"
    if what == "folder":
        place.mkdir()
        (place / "precious").write_text("x")
    else:
        place.symlink_to(tmp_path / "elsewhere")
    with Lock(str(tmp_path)) as mine:
        assert mine
    assert place.is_file()
    assert not (tmp_path / "elsewhere").exists()
    assert 2 == len(list(tmp_path.glob("lock*")))
