"""Guard a CloudQuery plugin that is built on the Python SDK: one line in its `main`.

    def main():
        plugin = MyPlugin()
        with crashguard.integrations.cloudquery.serve_guard(plugin, dsn=DSN):
            serve.PluginCommand(plugin).run(sys.argv[1:])

    command    what the CLI told the plugin on its command line: --no-sentry, --log-format, --telemetry-level
    patches    the places where the SDK lets go of an exception, and the reports made there

The SDK is not imported here: the plugin has done so.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crashguard import capture, hosts
from crashguard.capture.guard import guard
from crashguard.exceptions import ConfigurationError
from crashguard.integrations.cloudquery import command, patches
from crashguard.plugin import Plugin

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
) -> Iterator[None]:
    """Report every crash of a plugin while it serves; its syncs end as they would without.

    Covers what the SDK lets go: table resolvers and multiplex (`SystemExit` in a worker thread too),
    pre-resource, column and post-resource resolvers, init, sync, read, write, get_tables and close, threads
    of the plugin's own, and `main` itself. The same crash for every row is one report with a count. The
    CLI's SIGINT at the end of a sync is no crash.

    Args:
        plugin: The SDK's plugin object; team, kind, name and version are its own.
        dsn: The publisher's project on a server that speaks the Sentry protocol. None: kept on the machine.
        official: As in `crashguard.Plugin`: by default true for the team `cloudquery` only.
        static_tables: Whether the tables' names are the plugin's own and may stand in a report. False for
            sources whose tables are the user's, databases for instance.
        env_var: The variable of the telemetry level. A publisher with users of their own names theirs.
        environment: The Sentry environment.
        packages: The plugin's top-level packages, beside the one its class is defined in.

    Raises:
        ConfigurationError: The plugin does not say its team, kind, name or version.
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
        # In JSON mode the CLI shows a plugin's stderr between its own lines: there the log line is enough.
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
