"""A figure of a benchmark: what was measured on whom, its median, its spread, and what it is held against."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        group: The benchmark: rows of a group share a table.
        what: What was done: `import + install, wall`.
        subject: Who did it: `crashguard`, `sentry-sdk`, `bugsnag`, `floor` (the least anybody could do).
        value: The median, in `unit`.
        unit: `ms`, `us`, `ns`, `MB`, `x`, `modules`, `reports` ...
        spread: Half of all runs lie this far apart (interquartile range); None for a count.
        runs: How many runs stand behind it.
        ratio: How many times the floor of the same run; None where there is none.
        limit: What crashguard set itself at most; None for others.
        note: What a reader must know beside the figure.
    """

    group: str
    what: str
    subject: str
    value: float
    unit: str
    spread: float | None = None
    runs: int = 1
    ratio: float | None = None
    limit: float | None = None
    note: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it is more than crashguard set itself."""
        return self.limit is not None and self.value > self.limit

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def of_dict(values: dict[str, Any]) -> Row:
    """The row that a dict describes; keys that are none of a row's are passed over."""
    known = {key: value for key, value in values.items() if key in Row.__dataclass_fields__}
    return Row(**{"group": "other", "subject": "crashguard", "unit": "", **known})


def spread_of(samples: Sequence[float]) -> float:
    """The interquartile range."""
    if len(samples) < 4:
        return max(samples) - min(samples)
    low, _, high = statistics.quantiles(samples, n=4)
    return high - low
