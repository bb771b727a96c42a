"""What the environment gave to the program: values that a message must not hold in the clear.

Not counted is what every shell, desktop and build service sets of its own accord, which says nothing of
anybody: the variables that `STANDARD` in the vocabulary names, and words of settings such as `production`.
"""

import os

from crashguard.scrub._tables import SETTINGS, STANDARD
from crashguard.scrub.private import variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.heap import Entry

_SHORTEST, _LONGEST = 3, 20_000  # characters of a value


def given() -> "list[Entry]":
    """The values of the environment, each with the name of its variable."""
    return [
        (value, name)
        for name, value in variables(os.environ)
        if _SHORTEST <= len(value) <= _LONGEST
        and name not in STANDARD
        and not name.startswith(("LC_", "XDG_", "PYTHON", "_"))
        and value.lower() not in SETTINGS
    ]
