"""Servers that misbehave on demand, waiting for what other processes do.

Must not be known here: what is sent.
"""

import time
from collections.abc import Callable


def eventually(
    look: Callable[[], object], explain: Callable[[], object] = str, seconds: float = 60.0
) -> None:
    """Wait until `look` finds what it looks for: the one place of the tests that polls.

    Args:
        look: Asked again and again.
        explain: What to say when it never came.
        seconds: Far more than it can take on a machine under load.
    """
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, f"nothing came in {seconds:.0f} s: {explain()}"
        time.sleep(0.02)
