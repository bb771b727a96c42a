"""A real plugin on the real SDK, which breaks where FAIL says; guarded unless UNGUARDED is set."""

import asyncio
import functools
import itertools
import json
import os
import sys
import threading

import pyarrow as pa
from cloudquery.sdk import message, plugin, schema, serve
from cloudquery.sdk.scheduler import Scheduler, TableResolver

if not os.environ.get("UNGUARDED"):
    import crashguard

FAIL = os.environ.get("FAIL", "")


EXPIRED = LookupError("expired")  # made once, raised for each row
PARENTS = ("one", "other")
BOTH = threading.Barrier(2, timeout=60)  # of two syncs at once
AT_ONCE = ("resolve", "column", "post")  # where the tables of `at once` fail, each by a bug of its own
ALL = threading.Barrier(len(AT_ONCE), timeout=60)


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class End(BaseException):
    """What a library ends its own loops by."""


def fail_at(place: str) -> None:
    if FAIL in (place, f"{place}-decorated") or (FAIL == "several" and place in ("column", "resolve")):
        raise ValueError(f"broken in {place}: password=hunter2hunter2")
    if FAIL == f"{place}-exit":
        sys.exit(3)
    if FAIL == f"{place}-exit-0":
        sys.exit(0)
    if FAIL == f"{place}-again":
        raise EXPIRED
    if FAIL == f"{place}-huge":
        raise ValueError("x" * 5_000_000)
    if FAIL == f"{place}-unprintable":
        raise Unprintable
    if FAIL == f"{place}-cancelled":
        asyncio.run(cancel())
    if FAIL == f"{place}-interrupt":
        raise KeyboardInterrupt
    if FAIL == f"{place}-close":
        raise GeneratorExit
    if FAIL == f"{place}-base":
        raise End("no Exception")
    if FAIL == f"{place}-group":
        raise BaseExceptionGroup("ends", [SystemExit(3), SystemExit(4)])
    if FAIL == f"{place}-expected":
        raise PermissionError("403: not allowed to read this")


async def cancel() -> None:
    """What a task does whose other end gave up."""
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


def retried(method):
    """A decorator as plugins put on their methods: the frame that the SDK calls has another name."""

    @functools.wraps(method)
    def call(*args: object) -> object:
        return method(*args)

    return call


def fail_at_once(table: str, place: str) -> None:
    if FAIL == "at once" and table == place:
        ALL.wait()
        raise ValueError(f"broken in {place}")


class Client:
    made = itertools.count(1)

    def __init__(self, logger: object) -> None:
        self.logger = logger
        self.number = next(self.made)

    def id(self) -> str:
        return "client"


class Resolver(TableResolver):
    def __init__(self, name: str, children: list[TableResolver] | None = None) -> None:
        columns = [
            schema.Column("id", pa.int64()),
            schema.Column("salary" if FAIL == "names" else "label", pa.string()),
        ]
        super().__init__(schema.Table(name, columns), children or [])

    def multiplex(self, client: Client) -> list[Client]:
        if self.table.name == "broken":
            fail_at("multiplex")
        return [client]

    def resolve(self, client: Client, parent: object):
        if FAIL == "names":
            raise LookupError(f"no column {self.table.columns[1].name} in {self.table.name}")
        if FAIL == "many" or (FAIL == "relations" and self.table.name not in PARENTS):
            raise LookupError(self.table.name)
        if FAIL == "logs" and self.table.name == "broken":
            self.retry(client)
        if FAIL == "one of two" and self.table.name == "broken":
            BOTH.wait()
            if client.number == 2:
                raise ValueError("the second sync only")
        fail_at_once(self.table.name, "resolve")
        for number in range(1 if FAIL == "at once" else 3):
            yield {"id": number, "label": f"row {number}"}
            if self.table.name == "broken":
                fail_at("resolve")
        if self.table.name == "child":
            fail_at("child")

    def retry(self, client: Client) -> None:
        """A call that fails once and is made again; the plugin's own log has the failure, at every level."""
        try:
            raise TimeoutError("once")
        except TimeoutError as error:
            for log in (client.logger.debug, client.logger.warning, client.logger.error):
                log("try again", table="broken", exc_info=error)
            client.logger.exception("try again")

    def pre_resource_resolve(self, client: Client, resource: object) -> None:
        if self.table.name == "broken":
            fail_at("pre")

    def resolve_column(self, client: Client, resource: object, column: str) -> None:
        if self.table.name == "broken" and column == "label":
            fail_at("column")
        if column == "label":
            fail_at_once(self.table.name, "column")
        super().resolve_column(client, resource, column)

    def post_resource_resolve(self, client: Client, resource: object) -> None:
        fail_at_once(self.table.name, "post")
        if self.table.name == "broken":
            fail_at("post")


if FAIL.endswith("-decorated"):
    for name in ("pre_resource_resolve", "resolve_column", "post_resource_resolve"):
        setattr(Resolver, name, retried(getattr(Resolver, name)))


def look_up(self: Resolver, client: Client, resource: object, column: str = "row") -> None:
    """One function that the SDK calls in two phases, and for each column."""
    if self.table.name == f"of_{column}":
        raise LookupError(column)
    if column != "row":
        TableResolver.resolve_column(self, client, resource, column)


if FAIL == "places":
    Resolver.pre_resource_resolve = Resolver.resolve_column = look_up


class Own(Scheduler):
    """A scheduler of the plugin's own: it has no hash, and gets another logger once it runs."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        raise TypeError("schedulers are not compared")

    def _send_migrate_table_messages(self, resolvers):
        yield from super()._send_migrate_table_messages(resolvers)
        self._logger = self._logger.bind(plugin="demo")


if os.environ.get("ODD") == "another SDK":  # its function for all resolvers has another name
    submit = Scheduler._sync
    del Scheduler._sync
    Scheduler.__getattr__ = lambda self, name: functools.partial(submit, self)


class Demo(plugin.Plugin):
    def __init__(self) -> None:
        fail_at("constructor")
        team = os.environ.get("TEAM", "cloudquery")
        super().__init__("demo", "1.2.3", plugin.plugin.Options(team=team, kind="source"))

    def set_logger(self, logger: object) -> None:
        self._logger = logger

    def init(self, spec: bytes, no_connection: bool = False) -> None:
        fail_at("init")
        logger = None if os.environ.get("WITHOUT_LOGGER") else self._logger
        kind = Own if os.environ.get("ODD") == "scheduler" else Scheduler
        self._scheduler = kind(concurrency=4, logger=logger)
        if os.environ.get("STATS_TO"):
            from crashguard import stats
            from crashguard.integrations.cloudquery import watch

            stats.configure(url=os.environ["STATS_TO"], write_key="key")
            watch(self._scheduler, crashguard.Plugin("cloudquery", "source", "demo", "1.2.3"))
        if hasattr(self._scheduler, "set_post_sync_hook"):  # an old SDK has none
            self._scheduler.set_post_sync_hook(lambda: fail_at("post-sync"))

    def get_tables(self, options: object) -> list[schema.Table]:
        fail_at("get_tables")
        return [resolver.table for resolver in self.resolvers()]

    def resolvers(self) -> list[TableResolver]:
        if FAIL == "names":
            return [Resolver("payroll_2024")]
        if FAIL == "at once":
            return [Resolver(place) for place in AT_ONCE]
        if FAIL == "places":
            return [Resolver(f"of_{place}") for place in ("row", "id", "label")]
        if FAIL == "many":
            return [Resolver(f"broken_{number}") for number in range(60)]
        if FAIL == "relations":  # `shared` is a relation of both parents
            of_both = [[Resolver(f"of_{name}"), Resolver("shared")] for name in PARENTS]
            return [*map(Resolver, PARENTS, of_both), Resolver("alone")]
        children = [] if os.environ.get("CHILDLESS") else [Resolver("child")]
        return [Resolver("good"), Resolver("broken", children)]

    def sync(self, options: object):
        fail_at("sync")
        if FAIL == "thread":
            thread = threading.Thread(target=fail_at, args=("thread",))
            thread.start()
            thread.join()
        if FAIL == "no message":
            return iter(["no message of the SDK"])
        if os.environ.get("LICENSING"):
            return self.metered()
        return self._scheduler.sync(Client(self._logger), self.resolvers())

    def metered(self):
        from crashguard.usage import UsageClient, metered

        described = crashguard.Plugin("cloudquery", "source", "demo", "1.2.3")
        messages = self._scheduler.sync(Client(self._logger), self.resolvers())
        with UsageClient(described, url=os.environ["LICENSING"]) as usage:
            yield from metered(messages, usage, static_tables=not os.environ.get("DYNAMIC"))

    def write(self, writer: object) -> None:
        for _ in writer:
            fail_at("write")
            if FAIL == "guarded write":
                with crashguard.guard(reraise=False):
                    raise ValueError("a row that is left out")

    def read(self, table: schema.Table):
        fail_at("read")
        for _ in range(10_000 if FAIL == "endless" else 0):
            yield message.ReadMessage(pa.record_batch([pa.array([1])], names=["id"]))
        yield message.ReadMessage(pa.record_batch([pa.array([1])], names=["id"]))

    def close(self) -> None:
        fail_at("close")


def settings() -> dict[str, object]:
    """What the plugin's author says to serve_guard, as JSON in SETTINGS."""
    given = json.loads(os.environ.get("SETTINGS", "{}"))
    return {"dsn": os.environ.get("PLUGIN_DSN"), "ignore": [PermissionError], **given}


def main() -> None:
    if os.environ.get("UNGUARDED"):
        serve.PluginCommand(Demo()).run(sys.argv[1:])
        return
    import crashguard.integrations.cloudquery

    if os.environ.get("AROUND_ALL"):
        described = crashguard.Plugin("cloudquery", "source", "demo", "1.2.3")
        with crashguard.integrations.cloudquery.serve_guard(described, **settings()):
            if FAIL == "import":
                import no_such_module
            serve.PluginCommand(Demo()).run(sys.argv[1:])
        return
    demo = Demo()
    with crashguard.integrations.cloudquery.serve_guard(demo, **settings()):
        fail_at("main")
        serve.PluginCommand(demo).run(sys.argv[1:])


if __name__ == "__main__":
    main()
