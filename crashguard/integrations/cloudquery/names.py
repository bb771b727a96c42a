"""The names of tables and columns that come from the user's data, and may not leave."""

import functools
from contextlib import ExitStack
from threading import Lock
from typing import Any

from crashguard.config import Config


class Names:
    """The names of tables and columns that come from the user's data: private literals of this run.

    Reports have no message then. These names are looked for in what else has a text: types, functions.

    Args:
        config: The settings, whose private literals they become.
    """

    _MOST = 2_000  # each report looks for all of them
    _SHORTEST = 3

    def __init__(self, config: Config) -> None:
        self._config = config
        self._given = config.needles
        self._names: set[str] = set()
        self._adding = Lock()

    def watch(self, put_back: ExitStack) -> None:
        """See every table that is made from now on."""
        try:
            from cloudquery.sdk.schema.table import Table  # type: ignore[import-not-found,unused-ignore]
        except Exception:  # noqa: BLE001 (a broken installation; the plugin's own import raises it in the guard)
            return
        make = Table.__init__

        @functools.wraps(make)
        def init(this: Any, *args: Any, **kw: Any) -> None:
            make(this, *args, **kw)
            self.add(this)

        Table.__init__ = init
        put_back.callback(setattr, Table, "__init__", make)

    def add(self, table: Any) -> None:
        """Add the names of a table and of its columns."""
        found = [table.name, *(column.name for column in table.columns)]
        new = {
            name
            for name in found
            if isinstance(name, str) and len(name) >= self._SHORTEST and name.lower() not in _OF_A_REPORT
        }
        with self._adding:
            if not new <= self._names and len(self._names) < self._MOST:
                self._names |= new
                self._config.needles = (*self._given, *self._names)


# Words that each report has by itself, in its keys and values. They tell nothing of a user, and as private
# literals they would make every report unreadable.
_OF_A_REPORT = frozenset(
    [
        "all",
        "app",
        "arch",
        "builtins",
        "command",
        "code",
        "codes",
        "complete",
        "component",
        "contexts",
        "count",
        "cpython",
        "crashguard",
        "date",
        "default",
        "description",
        "device",
        "email",
        "error",
        "errors",
        "event",
        "exception",
        "fatal",
        "file",
        "filename",
        "fingerprint",
        "frames",
        "function",
        "handled",
        "init",
        "key",
        "kernel",
        "level",
        "linux",
        "main",
        "mechanism",
        "message",
        "messages",
        "method",
        "module",
        "modules",
        "name",
        "number",
        "occurrences",
        "options",
        "phase",
        "platform",
        "plugin",
        "process",
        "processor",
        "program",
        "python",
        "read",
        "release",
        "resolve",
        "run",
        "runtime",
        "sdk",
        "server",
        "shapes",
        "source",
        "stacktrace",
        "state",
        "status",
        "sync",
        "table",
        "tags",
        "team",
        "template",
        "terminal",
        "text",
        "time",
        "timestamp",
        "title",
        "transaction",
        "type",
        "uptime",
        "user",
        "value",
        "values",
        "version",
        "write",
    ]
)
