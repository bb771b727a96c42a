"""Where a tool on click or Typer has our commands: `admin telemetry`, in `mytool admin telemetry status`.

The tool may put them below a group of its own and by another name, which only the group knows. So the groups
are asked, at the moment when a text names the command: those of the command that runs or crashed, else those
in the tool's modules. Nothing is asked at a start.

Click is not imported here, because Typer has a click of its own; both have the same attributes.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Any

_COMMAND = f"{__name__.partition('.integrations.')[0]}.cli."
_MOST_GROUPS = 8  # below each other


class Mount:
    """The place of our commands in the tool's.

    Args:
        kind: The class of the command that has ours below it; this tool's alone.
        module: The names of the module that mounts it.
        groups: The class of what holds commands in a module.
        made: Makes a group of such an object.
    """

    def __init__(
        self, kind: type, module: "dict[str, Any]", groups: type, made: "Callable[[Any], Any]"
    ) -> None:
        self._kind = kind
        self._module = module
        self._groups = groups
        self._made = made
        self._root: Any = None  # of the command line; known from when it runs

    def __call__(self, traceback: "TracebackType | None" = None) -> str | None:
        """The names after the tool's own; None where they are not known, or need more arguments between them.

        Args:
            traceback: Of a crash, whose command line runs no longer.
        """
        try:
            self._root = _root(traceback) or self._root
            if self._root is not None:
                return self._path(self._root)
            paths = [path for path in map(self._path, self._in_modules()) if path is not None]
        except Exception:  # noqa: BLE001 (groups of an unknown make)
            return None
        return max(paths, key=lambda path: path.count(" "), default=None)  # the longest begins at the tool

    def _in_modules(self) -> "Iterator[Any]":
        """The groups that are known in the modules, those below another one too."""
        for names in (self._module, vars(sys.modules["__main__"])):
            for each in list(names.values()):
                if issubclass(type(each), self._groups):
                    yield self._made(each)

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


def _root(traceback: "TracebackType | None") -> "Any":
    """The outermost command of a traceback, else of what runs at this moment; None where none does."""
    from crashguard.report import running
    from crashguard.report.command import context_in

    found: Any = None
    while traceback is not None and found is None:
        found = context_in(traceback.tb_frame)
        traceback = traceback.tb_next
    if found is None:  # our commands run as a command line within the tool's
        contexts = [context_in(frame) for frame in running.frames()]
        found = next((each for each in reversed(contexts) if each is not None), None)
    while found is not None and found.parent is not None:
        found = found.parent
    is_ours = found is None or type(found.command).__module__.startswith(_COMMAND)
    return None if is_ours else found.command
