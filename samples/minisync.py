"""minisync copies tables from a CRM export and a billing database into SQLite. It has a bug.

    python samples/minisync.py tables samples/data/demo.toml
    python samples/minisync.py sync samples/data/demo.toml          # crashes: the bug is the CRM plugin's
    python samples/minisync.py sync samples/data/june.toml          # crashes: the bug is the billing plugin's
    python samples/minisync.py sync samples/data/demo.toml --only billing
    python samples/minisync.py sync samples/data/premium.toml       # needs a key: a premium plugin
    python samples/minisync.py login ada --team harbour

It shows crashguard in a whole tool: installed first of all, told about the telemetry level once the
command line is read, and two plugins that are guarded, of which one is official. The bugs are real ones:
nothing in here raises in order to crash. Stats are recorded where a data plane is named (--stats-to), and
who it was only after a login.
"""
# ruff: noqa: E402 (install() comes first: from there on a crash is recorded, also one in an import)

import crashguard

__version__ = "1.4.0"

crashguard.install(app="minisync", version=__version__)

import argparse
import importlib
import json
import sqlite3
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from crashguard import stats
from crashguard.integrations.argparse import add_telemetry_level
from crashguard.integrations.commands import recorded_arguments
from crashguard.usage.errors import UsageError as MeteringError  # no key, no quota, no server

# A plugin is a module with PLUGIN, TABLES {table: {column: type}} and batches(path, table).
PLUGINS = {"billing": "minisync_billing", "crm": "minisync_crm", "rates": "minisync_rates"}

SQLITE = crashguard.Plugin("minisync", "destination", "sqlite", __version__, official=True)
IDENTITY = Path.home() / ".config/minisync/identity.json"

Source = tuple[ModuleType, Path]


class UsageError(Exception):
    """Something that the user can put right: a message and exit status 2, not a crash."""


def main() -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="minisync", description="Copy tables from plugins into SQLite.")
    parser.add_argument("--version", action="version", version=f"minisync {__version__}")
    parser.add_argument("--dsn", help="where crash reports go; without it they stay on this machine")
    parser.add_argument("--stats-to", metavar="URL", help="where stats go; without it none are recorded")
    add_telemetry_level(parser, app="minisync")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    sync = commands.add_parser("sync", help="copy every table of the sources")
    sync.add_argument("--to", type=Path, default=Path("minisync.db"), help="the database (%(default)s)")
    sync.set_defaults(run=run_sync)
    tables = commands.add_parser("tables", help="list the tables that the sources have")
    tables.set_defaults(run=run_tables)
    login = commands.add_parser("login", help="say who you are; minisync keeps it in a file of its own")
    login.add_argument("user", help="your user id")
    login.add_argument("--team", help="your team")
    login.set_defaults(run=run_login)
    commands.add_parser("logout", help="forget it again").set_defaults(run=run_logout)
    for command in (sync, tables):
        command.add_argument("spec", type=Path, help="a TOML file that lists the sources")
        command.add_argument("--only", choices=sorted(PLUGINS), help="this plugin's sources only")
    with recorded_arguments(parser) as args:
        try:
            crashguard.install(
                app="minisync", version=__version__, telemetry_level=args.telemetry_level, dsn=args.dsn
            )
            stats.configure(url=args.stats_to, write_key="minisync-demo")
            if who := identity():
                stats.identify(who["user"], team=who.get("team"))
            return int(args.run(args))
        except (UsageError, crashguard.ConfigurationError, MeteringError) as error:
            parser.error(str(error))


def run_login(args: argparse.Namespace) -> int:
    """The `login` command. A real tool asks a server; this one takes your word for it."""
    who = {"user": args.user, **({"team": args.team} if args.team else {})}
    stats.identify(args.user, team=args.team)
    IDENTITY.parent.mkdir(parents=True, exist_ok=True)
    IDENTITY.write_text(json.dumps(who), encoding="utf-8")
    stats.login()
    print(f"Logged in as {args.user}.")
    return 0


def run_logout(_: argparse.Namespace) -> int:
    """The `logout` command."""
    IDENTITY.unlink(missing_ok=True)
    stats.forget()
    print("Logged out.")
    return 0


def identity() -> dict[str, str] | None:
    """Who is logged in, as `login` kept it."""
    try:
        return dict(json.loads(IDENTITY.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"{IDENTITY} cannot be read: {error}; log in again") from None


def run_tables(args: argparse.Namespace) -> int:
    """The `tables` command."""
    for plugin, _ in read_spec(args.spec, args.only):
        for table, columns in plugin.TABLES.items():
            print(f"{table:<20} {', '.join(columns)}")
    return 0


def run_sync(args: argparse.Namespace) -> int:
    """The `sync` command."""
    started = time.monotonic()
    sources = read_spec(args.spec, args.only)
    args.to.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(args.to, isolation_level=None)
    tables = rows = 0
    with crashguard.guard("sync"):
        for plugin, path in sources:
            with stats.sync(source=plugin.PLUGIN, destinations=[SQLITE], name=args.spec.stem) as run:
                for table, columns in plugin.TABLES.items():
                    count = replace_table(database, table, columns, plugin.batches(path, table))
                    run.resources(table, count)
                    rows += count
                    tables += 1
    database.close()
    print(f"{tables} tables, {rows} rows into {args.to} in {time.monotonic() - started:.1f} s")
    return 0


def replace_table(
    database: sqlite3.Connection,
    table: str,
    columns: dict[str, str],
    batches: Iterator[list[tuple[Any, ...]]],
) -> int:
    """Fill a table anew and return how many rows it has.

    In one transaction: whoever reads the database sees the old rows or all of the new ones, also when
    this process dies half way.
    """
    declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    values = ", ".join("?" * len(columns))
    count = 0
    database.execute("BEGIN IMMEDIATE")
    try:
        database.execute(f'DROP TABLE IF EXISTS "{table}"')
        database.execute(f'CREATE TABLE "{table}" ({declared})')
        for batch in batches:
            database.executemany(f'INSERT INTO "{table}" VALUES ({values})', batch)
            count += len(batch)
            progress(table, count)
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise
    progress(table, count, end=True)
    return count


def progress(table: str, count: int, *, end: bool = False) -> None:
    """Say how far a table is: on a terminal again and again on one line, elsewhere once."""
    if sys.stdout.isatty():
        print(f"\r{table:<20} {count:>6} rows", end="\n" if end else "", flush=True)
    elif end:
        print(f"{table:<20} {count:>6} rows", flush=True)


def read_spec(path: Path, only: str | None) -> list[Source]:
    """The sources that a spec lists: the plugin, loaded, and where its data lie."""
    try:
        spec = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as a spec: {error}") from None
    sources = []
    for entry in spec.get("source", []):
        name, data = entry.get("plugin"), path.parent / str(entry.get("path", ""))
        if name not in PLUGINS:
            raise UsageError(f"{path} asks for the plugin {name!r}; there are {', '.join(sorted(PLUGINS))}")
        if not data.exists():
            raise UsageError(f"{path} names {data}, which is not there")
        if only in (None, name):
            sources.append((importlib.import_module(PLUGINS[name]), data))
    if not sources:
        raise UsageError(f"{path} lists no [[source]]" + (f" of the plugin {only}" if only else ""))
    return sources


if __name__ == "__main__":
    sys.exit(main())
