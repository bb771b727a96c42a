"""Guard a CloudQuery plugin that is built on the Python SDK, and count its syncs: a line for each.

PLUGIN = crashguard.Plugin("acme", "source", "files", "1.2.3")

def main():
    with crashguard.integrations.cloudquery.serve_guard(PLUGIN, dsn=DSN):
        from acme_files.plugin import FilesPlugin
        serve.PluginCommand(FilesPlugin()).run(sys.argv[1:])

command    the CLI's options on the plugin's command line: --no-sentry, --log-format, --telemetry-level
recorder   the reports of what the SDK swallows: phase, table, column
names      the names that may not leave
scheduler  patches of the SDK's scheduler, which goes on after a resolver's exception
servicer   patches of the SDK's gRPC calls, whose exceptions become a status for the CLI
counts     watch(): the stats of a plugin's syncs
"""

import sys
from contextlib import ExitStack
from typing import Any, Literal

from crashguard import capture, hosts
from crashguard.capture.guard import guard
from crashguard.client import current_client
from crashguard.exceptions import ConfigurationError
from crashguard.integrations.cloudquery import command, scheduler, servicer
from crashguard.integrations.cloudquery.counts import watch
from crashguard.integrations.cloudquery.names import Names
from crashguard.integrations.cloudquery.recorder import Recorder
from crashguard.plugin import Plugin
from crashguard.report import contexts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from crashguard.config import Delivery, Ignore, Messages, Vocabulary

__all__ = ["serve_guard", "watch"]


class ServeGuard:
    """Reports every crash of a plugin while it serves. Its syncs end as without crashguard.

    Its public name is `serve_guard`. It covers the exceptions that the SDK swallows: those of table resolvers
    and multiplex, of pre-resource, column and post-resource resolvers, of init, sync, read, write,
    get_tables and close; `SystemExit` in them too. It also covers the plugin's own threads and everything in
    the block, constructor and imports included. The same crash for every row is one report with a count.
    A line that the plugin itself logs is not a crash, whatever its `exc_info`, and neither is the CLI's
    SIGINT at the end of a sync.

    Args:
        plugin: A `crashguard.Plugin`, which exists before anything of the plugin is imported, or the SDK's
            plugin object, whose team, kind, name and version are taken.
        dsn: The publisher's project on a server that speaks the Sentry protocol. None keeps reports on the
            machine.
        official: As in `crashguard.Plugin`: by default true for the team `cloudquery` only. It is for the
            SDK's object; a `crashguard.Plugin` says it itself.
        static_tables: Whether the plugin defines its tables' names, so that a report may hold them. By
            default a source does, and a destination or transformer, which gets its tables from elsewhere,
            does not. False for sources whose tables come from the user's data, for example databases: then no
            name of a table or column leaves, and no message either, whatever `messages` says.
        env_var: The variable of the telemetry level. Other publishers than CloudQuery name their own.
        environment: The Sentry environment.
        packages: The plugin's top-level packages, beside the one that calls this or defines the SDK's object.
        messages: As in `crashguard.install()`.
        vocabulary: As in `crashguard.install()`.
        needles: As in `crashguard.install()`.
        rules: As in `crashguard.install()`.
        ignore: Expected exceptions, as in `crashguard.install()`: a wrong spec, a 403. The sync ends as it
            would have, without a report.
        delivery: As in `crashguard.install()`.
        default_level: As in `crashguard.install()`.
        opt_in: A variable without which nothing is reported, for a plugin that asks its users first.
            CloudQuery's own is `CQ_SENTRY_ENABLED`. A yes is 1, t, true, y, yes, on and enabled in any case;
            every other value is a no.

    Raises:
        ConfigurationError: The plugin has no team, kind, name or version, or a setting is not valid.
    """

    def __init__(
        self,
        plugin: Any,
        *,
        dsn: str | None = None,
        official: bool | None = None,
        static_tables: bool | None = None,
        env_var: str = "CQ_TELEMETRY_LEVEL",
        environment: str | None = None,
        packages: tuple[str, ...] = (),
        messages: "Messages" = "shapes",
        vocabulary: "Vocabulary" = (),
        needles: "Iterable[str]" = (),
        rules: "Iterable[Any]" = (),
        ignore: "Ignore" = (),
        delivery: "Delivery" = "auto",
        default_level: Literal["none", "stats", "errors", "all"] = "all",
        opt_in: str | None = None,
    ) -> None:
        caller = _package_of(sys._getframe(1).f_globals)
        self._plugin = _describe(plugin, official, (*packages, *caller))
        self._static_tables = self._plugin.kind == "source" if static_tables is None else static_tables
        self._opt_in = opt_in
        self._settings: dict[str, Any] = {
            "dsn": dsn,
            "env_var": env_var,
            "environment": environment,
            "messages": messages if self._static_tables else "none",
            "vocabulary": vocabulary,
            "needles": needles,
            "rules": rules,
            "ignore": ignore,
            "delivery": delivery,
            "default_level": default_level,
        }
        self._put_back = ExitStack()

    def __enter__(self) -> None:
        plugin = self._plugin
        line = command.read(sys.argv, self._opt_in)
        capture.install(
            app=hosts.app_of(plugin),
            version=plugin.version,
            telemetry_level=line.telemetry_level,
            packages=plugin.packages,
            plugin=plugin,
            # In JSON mode the CLI mixes a plugin's stderr with its own lines, so no note is printed.
            note=not line.json_logs,
            refused_by=line.refused_by,
            **self._settings,
        )
        sys.argv[:] = line.argv
        config = current_client().config
        if config is None or not config.level.sends_errors:
            return  # refused: the SDK stays as it is
        contexts.prepare()
        with ExitStack() as stack:
            stack.enter_context(guard(plugin=plugin))
            names = None if self._static_tables else Names(config)
            recorder = Recorder(plugin, names)
            if names is not None:
                names.watch(stack)
            stack.callback(recorder.record_what_waits)
            scheduler.watch(recorder, stack)
            servicer.watch(recorder, stack)
            self._put_back = stack.pop_all()

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: "TracebackType | None"
    ) -> None:
        self._put_back.__exit__(exc_type, exc, tb)


# The public name. It is the class itself, so that install() finds the plugin's module as its caller.
serve_guard = ServeGuard


def _package_of(names: dict[str, Any]) -> tuple[str, ...]:
    """The top-level package of a module, by its globals; of a script none."""
    name = names.get("__name__")
    if name == "__main__":
        name = names.get("__package__")  # with `python -m`
    return (name.partition(".")[0],) if isinstance(name, str) and name else ()


def _describe(plugin: Any, official: bool | None, packages: tuple[str, ...]) -> Plugin:
    if isinstance(plugin, Plugin):
        facts = {name: getattr(plugin, name) for name in ("team", "kind", "name", "version")}
        return Plugin(**facts, official=plugin.official, packages=(*plugin.packages, *packages))
    own = type(plugin).__module__.partition(".")[0]
    known = (own, *packages) if own not in ("__main__", "cloudquery") else packages
    facts = {name: getattr(plugin, name)() for name in ("team", "kind", "name", "version")}
    missing = [name for name, value in facts.items() if not value]
    if missing:
        raise ConfigurationError(
            f"the plugin has no {', '.join(missing)}: give it in "
            "cloudquery.sdk.plugin.plugin.Options(team=..., kind=...) and Plugin(name=..., version=...)"
        )
    return Plugin(**facts, official=official, packages=tuple(dict.fromkeys(known)))
