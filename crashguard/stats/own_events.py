"""Events that a tool declares for itself, beside syncs, commands and logins.

    EXPORTED = stats.Event(
        "export_finished",
        why="which formats are worth our work",
        fields={"format": ("csv", "json"), "rows": int},
    )
    EXPORTED.record(format="csv", rows=12)

A field is a whole number, a yes or no, or one of the words that the declaration lists. So no text that a user
typed or that a program read can leave by it, and the page for users can say all that an event ever holds.
"""

from crashguard.exceptions import ConfigurationError
from crashguard.stats import config, recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

OTHER = "other"  # stands for a word that is not declared
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_MOST_FIELDS, _MOST_WORDS, _MOST_LETTERS = 20, 50, 40
# What crashguard records itself, and what it adds to an event about a user.
_TAKEN = (
    "command_completed",
    "login_success",
    "sync_run_completed",
    "sync_run_started",
    "sync_summary",
    "team",
    "user_email",
    "user_id",
)


class Event:
    """An event of a tool's own. Declare it once, when the module is imported, so that pages can show it.

    What leaves, where the telemetry level allows stats and `stats.configure()` names a destination: the
    event's name and the declared fields that were given.

    Args:
        name: Lower-case letters, digits and `_`, at most 40.
        why: What the numbers are for, in one sentence for users.
        fields: The fields by name: `int`, `bool`, or the words that may stand there (at most 50).
        identifiable: Whether it is about the user whom `stats.identify()` named. Without one it is not
            recorded. Else it is anonymous.

    Raises:
        ConfigurationError: A name, a field or a word is not valid, or the name stands for another event.
    """

    __slots__ = ("fields", "identifiable", "name", "why")

    def __init__(
        self,
        name: str,
        *,
        why: str,
        fields: "Mapping[str, type[int] | type[bool] | Sequence[str]]",
        identifiable: bool = False,
    ) -> None:
        declared = config.current().events
        if (problem := _problem_with(name, why, fields)) is not None:
            raise ConfigurationError(f"stats.Event({name!r}): {problem}")
        self.name = name
        self.why = why
        self.fields = {key: kind if isinstance(kind, type) else tuple(kind) for key, kind in fields.items()}
        self.identifiable = identifiable
        if declared.setdefault(name, self)._said() != self._said():  # a module may be imported twice
            raise ConfigurationError(f"stats.Event({name!r}): another event of this name is declared already")
        declared[name] = self

    def record(self, **values: object) -> None:
        """Record that it happened. Never raises.

        Args:
            values: The fields. A word that is not declared leaves as `other`; what is not declared at all, or
                is of another kind, is left out.
        """
        who = config.current().identity
        if self.identifiable and who is None:
            return
        said: dict[str, Any] = {}
        for key, kind in self.fields.items():
            value = values.get(key)
            if isinstance(kind, tuple):
                if type(value) is str:
                    said[key] = value if value in kind else OTHER
            elif type(value) is kind:
                said[key] = value
        recorder.record(self.name, said, who if self.identifiable else None)

    def _said(self) -> tuple[object, ...]:
        return self.why, self.fields, self.identifiable


def _problem_with(name: object, why: object, fields: object) -> str | None:
    if not _is_name(name):
        return "a name has lower-case letters, digits and _, at most 40, and is none of crashguard's own"
    if not isinstance(why, str) or not why.strip():
        return "why: say in one sentence what the numbers are for"
    if not isinstance(fields, dict) or len(fields) > _MOST_FIELDS:
        return f"fields: give a dict of at most {_MOST_FIELDS} fields"
    for key, kind in fields.items():
        if not _is_name(key):
            return f"fields: {key!r} is no name of a field"
        if kind in (int, bool):
            continue
        if (
            not isinstance(kind, (list, tuple))
            or not 0 < len(kind) <= _MOST_WORDS
            or not all(isinstance(word, str) and 0 < len(word) <= _MOST_LETTERS for word in kind)
        ):
            return f"fields: {key} is int, bool, or a list of at most {_MOST_WORDS} short words"
    return None


def _is_name(name: object) -> bool:
    return (
        isinstance(name, str)
        and 0 < len(name) <= _MOST_LETTERS
        and set(name) <= _LETTERS
        and name[0].isalpha()
        and name not in _TAKEN
    )
