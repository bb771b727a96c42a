"""Where a tool on click or Typer has our commands: `admin telemetry`, in `mytool admin telemetry status`.

The tool may put them below a group of its own and by another name, which only the group knows. So the groups
are asked, at the moment when a text names the command: those of the command line that runs or crashed, else
those that the program is started by. Nothing is asked at a start.

After a crash, `mytool admin telemetry show` must not come upon that crash again. It would where code of a
group above our commands raised. Another program of the same module, which runs no command line, does not have
our commands at all. In both cases they have no place.

Click is not imported here, because Typer has a click of its own; both have the same attributes.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType
    from typing import Any

_COMMAND = f"{__name__.partition('.integrations.')[0]}.cli."
_MOST_GROUPS = 8  # below each other


class Mount:
    """The place of our commands in the tool's.

    Args:
        kind: The class of the command that has ours below it; this tool's alone.
        groups: The class of what holds commands in a module.
        made: Makes a group of such an object.
    """

    def __init__(self, kind: type, groups: type, made: "Callable[[Any], Any]") -> None:
        self._kind = kind
        self._groups = groups
        self._made = made
        self._has_crashed = False
        self._at_crash: str | None = None  # the note asks for it when the command line runs no longer

    def __call__(
        self, traceback: "TracebackType | None" = None, started_by: "Iterable[Any] | None" = None
    ) -> str | None:
        """The names after the tool's own; None where they are not known, or need more arguments between them.

        Args:
            traceback: Of a crash, whose command line runs no longer.
            started_by: What a program is started by that is not this one.
        """
        try:
            if traceback is not None:
                self._has_crashed, self._at_crash = True, None
                self._at_crash = self._beside(_contexts(traceback))
            if self._has_crashed:
                return self._at_crash
            running = _contexts(None)
            if running:
                return self._path(_root(running[0]))
            names = vars(sys.modules["__main__"]).values() if started_by is None else started_by
            paths = [path for path in map(self._path, self._groups_in(names)) if path is not None]
        except Exception:  # noqa: BLE001 (groups of an unknown make)
            return None
        return max(paths, key=lambda path: path.count(" "), default=None)  # the longest begins at the tool

    def _beside(self, contexts: "list[Any]") -> str | None:
        """The place after a crash; None where it came from the way there, or from no command line.

        Args:
            contexts: Of the commands that ran, outermost first.
        """
        if not contexts or self._path(contexts[-1].command) is not None:
            return None
        return self._path(_root(contexts[0]))

    def _groups_in(self, names: "Iterable[Any]") -> "Iterator[Any]":
        """The groups among these objects, and those that functions among them call."""
        found = list(names)
        for each in list(found):
            if type(each) is _FUNCTION:
                found += [each.__globals__.get(name) for name in each.__code__.co_names]
        return (self._made(each) for each in found if issubclass(type(each), self._groups))

    def _path(self, group: "Any", deep: int = _MOST_GROUPS) -> str | None:
        if any(each.required for each in group.params):
            return None  # the command alone would not be enough
        known = getattr(group, "commands", None) or {}
        for name, command in known.items():
            if isinstance(command, self._kind):
                return str(name)
        for name, command in known.items():
            path = self._path(command, deep - 1) if deep else None
            if path is not None:
                return f"{name} {path}"
        return None


def _contexts(traceback: "TracebackType | None") -> "list[Any]":
    """Those of the tool's commands in a traceback, else of those that run at this moment, outermost first."""
    from crashguard.report import running
    from crashguard.report.command import context_in

    found: list[Any] = []
    while traceback is not None:
        found.append(context_in(traceback.tb_frame))
        traceback = traceback.tb_next
    if not any(each is not None for each in found):
        found = [context_in(frame) for frame in running.frames()][::-1]
    return [
        each
        for each in found
        # our commands run as a command line within the tool's
        if each is not None and not type(_root(each)).__module__.startswith(_COMMAND)
    ]


def _root(context: "Any") -> "Any":
    while context.parent is not None:
        context = context.parent
    return context.command


_FUNCTION = type(_root)
