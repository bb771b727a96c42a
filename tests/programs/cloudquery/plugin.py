"""A real plugin on the real SDK, which breaks where FAIL says; guarded unless UNGUARDED is set."""

import os
import sys
import threading

import pyarrow as pa
from cloudquery.sdk import message, plugin, schema, serve
from cloudquery.sdk.scheduler import Scheduler, TableResolver

FAIL = os.environ.get("FAIL", "")


def fail_at(place: str) -> None:
    if FAIL == place:
        raise ValueError(f"broken in {place}: password=hunter2hunter2")
    if FAIL == f"{place}-exit":
        sys.exit(3)
    if FAIL == f"{place}-interrupt":
        raise KeyboardInterrupt


class Client:
    def id(self) -> str:
        return "client"


class Resolver(TableResolver):
    def __init__(self, name: str, children: list[TableResolver] | None = None) -> None:
        columns = [schema.Column("id", pa.int64()), schema.Column("label", pa.string())]
        super().__init__(schema.Table(name, columns), children or [])

    def multiplex(self, client: Client) -> list[Client]:
        if self.table.name == "broken":
            fail_at("multiplex")
        return [client]

    def resolve(self, client: Client, parent: object):
        for number in range(3):
            yield {"id": number, "label": f"row {number}"}
            if self.table.name == "broken":
                fail_at("resolve")
        if self.table.name == "child":
            fail_at("child")

    def pre_resource_resolve(self, client: Client, resource: object) -> None:
        if self.table.name == "broken":
            fail_at("pre")

    def resolve_column(self, client: Client, resource: object, column: str) -> None:
        if self.table.name == "broken" and column == "label":
            fail_at("column")
        super().resolve_column(client, resource, column)

    def post_resource_resolve(self, client: Client, resource: object) -> None:
        if self.table.name == "broken":
            fail_at("post")


class Demo(plugin.Plugin):
    def __init__(self) -> None:
        team = os.environ.get("TEAM", "cloudquery")
        super().__init__("demo", "1.2.3", plugin.plugin.Options(team=team, kind="source"))

    def set_logger(self, logger: object) -> None:
        self._logger = logger

    def init(self, spec: bytes, no_connection: bool = False) -> None:
        fail_at("init")
        self._scheduler = Scheduler(concurrency=4, logger=self._logger)
        self._scheduler.set_post_sync_hook(lambda: fail_at("post-sync"))

    def get_tables(self, options: object) -> list[schema.Table]:
        fail_at("get_tables")
        return [resolver.table for resolver in self.resolvers()]

    def resolvers(self) -> list[TableResolver]:
        return [Resolver("good"), Resolver("broken", [Resolver("child")])]

    def sync(self, options: object):
        fail_at("sync")
        if FAIL == "thread":
            thread = threading.Thread(target=fail_at, args=("thread",))
            thread.start()
            thread.join()
        return self._scheduler.sync(Client(), self.resolvers())

    def write(self, writer: object) -> None:
        for _ in writer:
            fail_at("write")

    def read(self, table: schema.Table):
        fail_at("read")
        yield message.ReadMessage(pa.record_batch([pa.array([1])], names=["id"]))

    def close(self) -> None:
        fail_at("close")


def main() -> None:
    fail_at("before")
    demo = Demo()
    command = serve.PluginCommand(demo)
    if os.environ.get("UNGUARDED"):
        command.run(sys.argv[1:])
        return
    import crashguard.integrations.cloudquery

    with crashguard.integrations.cloudquery.serve_guard(demo, dsn=os.environ.get("PLUGIN_DSN")):
        fail_at("main")
        command.run(sys.argv[1:])


if __name__ == "__main__":
    main()
