"""A source plugin on CloudQuery's Python SDK: weather stations and their daily means, from CSV files.

It works, except for one honest bug: a station that sent nothing has no mean. Without crashguard the SDK
turns that into a log line without a traceback, and the sync "succeeds". Run it with a client beside it:

    samples/cloudquery_plugin/run.sh
"""

import csv
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pyarrow as pa
from cloudquery.sdk import plugin, schema, serve
from cloudquery.sdk.scheduler import Scheduler, TableResolver

import crashguard
from crashguard.integrations.cloudquery import serve_guard

PLUGIN = crashguard.Plugin("cloudquery", "source", "weather-sample", "1.0.0")
DATA = Path(__file__).parent / "data"


def read(name: str) -> list[dict[str, str]]:
    """The rows of one of the files."""
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


class Client:
    """What the SDK hands to every resolver; it names the account that is synced."""

    def id(self) -> str:
        """The account."""
        return "stations"


class Stations(TableResolver):
    """A row for each station."""

    def __init__(self) -> None:
        columns = [schema.Column("id", pa.string(), primary_key=True), schema.Column("town", pa.string())]
        super().__init__(schema.Table("weather_stations", columns))

    def resolve(self, client: Client, parent: object) -> Generator[Any, None, None]:
        """The stations as they stand in the file."""
        yield from read("stations.csv")


class Means(TableResolver):
    """The mean temperature of each station."""

    def __init__(self) -> None:
        columns = [schema.Column("id", pa.string(), primary_key=True), schema.Column("mean", pa.float64())]
        super().__init__(schema.Table("weather_means", columns))

    def resolve(self, client: Client, parent: object) -> Generator[Any, None, None]:
        """One mean a station: the bug is here."""
        readings = read("readings.csv")
        for station in read("stations.csv"):
            own = [float(row["celsius"]) for row in readings if row["station"] == station["id"]]
            yield {"id": station["id"], "mean": sum(own) / len(own)}


class Weather(plugin.Plugin):
    """The plugin, as the SDK wants it."""

    def __init__(self) -> None:
        options = plugin.plugin.Options(team=PLUGIN.team, kind=PLUGIN.kind)
        super().__init__(PLUGIN.name, PLUGIN.version, options)

    def set_logger(self, logger: Any) -> None:
        """Keep the SDK's logger for the scheduler."""
        self._logger = logger

    def init(self, spec: bytes, no_connection: bool = False) -> None:
        """Make ready to sync; this plugin has nothing to configure."""
        self._scheduler = Scheduler(concurrency=2, logger=self._logger)

    def get_tables(self, options: Any) -> list[schema.Table]:
        """What it can sync."""
        return [Stations().table, Means().table]

    def sync(self, options: Any) -> Generator[Any, None, None]:
        """Sync all of it."""
        return self._scheduler.sync(Client(), [Stations(), Means()])

    def close(self) -> None:
        """Nothing is open."""


def main() -> None:
    """Serve the plugin, guarded: the line with `serve_guard` is all that crashguard needs."""
    with serve_guard(PLUGIN):
        serve.PluginCommand(Weather()).run(sys.argv[1:])


if __name__ == "__main__":
    main()
