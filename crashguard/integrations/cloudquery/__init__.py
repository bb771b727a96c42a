"""Guard a CloudQuery plugin that is built on the Python SDK: one line in its `main`.

    def main():
        plugin = MyPlugin()
        with crashguard.integrations.cloudquery.serve_guard(plugin, dsn=DSN):
            serve.PluginCommand(plugin).run(sys.argv[1:])

    command    the CLI's options on the plugin's command line: --no-sentry, --log-format, --telemetry-level
    patches    patches of the SDK's code that swallows exceptions, and the reports made there

The SDK is not imported here, because the plugin has imported it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from crashguard import capture, hosts
from crashguard.capture.guard import guard
from crashguard.exceptions import ConfigurationError
from crashguard.integrations.cloudquery import command, patches
from crashguard.plugin import Plugin

if TYPE_CHECKING:
    from crashguard.config import Messages, Vocabulary

__all__ = ["serve_guard"]


@contextmanager
def serve_guard(
    plugin: Any,
    *,
    dsn: str | None = None,
    official: bool | None = None,
    static_tables: bool = True,
    env_var: str = "CQ_TELEMETRY_LEVEL",
    environment: str | None = None,
    packages: tuple[str, ...] = (),
    messages: "Messages" = "shapes",
    vocabulary: "Vocabulary" = (),
) -> Iterator[None]:
    """Report every crash of a plugin while it serves. Its syncs end as without crashguard.

    It covers the exceptions that the SDK swallows: those of table resolvers and multiplex (`SystemExit` in a
    worker thread too), of pre-resource, column and post-resource resolvers, of init, sync, read, write,
    get_tables and close. It also covers the plugin's own threads and `main`. The same crash for every row is
    one report with a count. The CLI's SIGINT at the end of a sync is not a crash.

    Args:
        plugin: The SDK's plugin object; team, kind, name and version come from it.
        dsn: The publisher's project on a server that speaks the Sentry protocol. None keeps reports on the
            machine.
        official: As in `crashguard.Plugin`: by default true for the team `cloudquery` only.
        static_tables: Whether the plugin defines its tables' names, so that a report may hold them. False for
            sources whose tables come from the user's data, for example databases.
        env_var: The variable of the telemetry level. Other publishers than CloudQuery name their own.
        environment: The Sentry environment.
        packages: The plugin's top-level packages, beside the one its class is defined in.
        messages: What messages keep beside the plugin's own text, as in `crashguard.install`.
        vocabulary: Names of tables, columns and options that may stay in messages, as in
            `crashguard.install`.

    Raises:
        ConfigurationError: The plugin has no team, kind, name or version.
    """
    command_line = command.read(sys.argv)
    described = _describe(plugin, official, packages)
    capture.install(
        app=hosts.app_of(described),
        version=described.version,
        dsn=dsn,
        telemetry_level=command_line.telemetry_level,
        env_var=env_var,
        environment=environment,
        packages=described.packages,
        plugin=described,
        messages=messages,
        vocabulary=vocabulary,
        # In JSON mode the CLI mixes a plugin's stderr with its own lines, so no note is printed.
        note=not command_line.json_logs,
        refused_by=command_line.refused_by,
    )
    sys.argv[:] = command_line.argv
    with patches.instrument(plugin, described, static_tables=static_tables), guard(plugin=described):
        yield


def _describe(plugin: Any, official: bool | None, packages: tuple[str, ...]) -> Plugin:
    own = type(plugin).__module__.partition(".")[0]
    known = (own, *packages) if own not in ("__main__", "cloudquery") else packages
    facts = {name: getattr(plugin, name)() for name in ("team", "kind", "name", "version")}
    missing = [name for name, value in facts.items() if not value]
    if missing:
        raise ConfigurationError(
            f"the plugin has no {', '.join(missing)}: give it in plugin.Options(team=..., kind=...) "
            "and Plugin(name=..., version=...)"
        )
    return Plugin(**facts, official=official, packages=known)
