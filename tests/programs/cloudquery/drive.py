"""A real client: starts the plugin as the CLI does, calls what it is told over gRPC, prints what came back."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import grpc
import pyarrow as pa
from cloudquery.plugin_v3 import arrow, plugin_pb2, plugin_pb2_grpc
from cloudquery.sdk.schema import Column, Table

DEADLINE = float(os.environ["DEADLINE"]) if "DEADLINE" in os.environ else None  # seconds for a call
LONGEST = 10_000  # characters of an error that are passed on
HERE = os.path.dirname(os.path.abspath(__file__))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def sync_request(*, with_errors: bool) -> plugin_pb2.Sync.Request:
    request = plugin_pb2.Sync.Request(tables=["*"])
    if with_errors and "withErrorMessages" in request.DESCRIPTOR.fields_by_name:  # an old SDK has none
        request.withErrorMessages = True
    return request


def call(stub: plugin_pb2_grpc.PluginStub, name: str, *, with_errors: bool) -> object:
    table = arrow.schema_to_bytes(Table("t", [Column("id", pa.int64())]).to_arrow_schema())
    if name == "init":
        stub.Init(plugin_pb2.Init.Request(spec=b"{}"), timeout=DEADLINE)
    elif name == "get_tables":
        return len(stub.GetTables(plugin_pb2.GetTables.Request(tables=["*"])).tables)
    elif name == "sync":
        request = sync_request(with_errors=with_errors)
        messages = list(stub.Sync(request, timeout=DEADLINE))
        kinds = [message.WhichOneof("message") for message in messages]
        told = [m.error for m in messages if m.WhichOneof("message") == "error"]
        errors = sorted(f"{error.table_name}: {error.error}" for error in told)
        errors = [
            text if len(text) < LONGEST else f"{text[:LONGEST]} and more: {len(text)}" for text in errors
        ]
        return {"inserts": kinds.count("insert"), "errors": errors}
    elif name == "leave":  # before the end: what Ctrl-C at the CLI does
        left = stub.Read(plugin_pb2.Read.Request(table=table), timeout=DEADLINE)
        next(left)
        left.cancel()
        left = stub.Sync(sync_request(with_errors=with_errors), timeout=DEADLINE)
        next(left)
        left.cancel()
    elif name == "two syncs":
        with ThreadPoolExecutor() as pool:
            both = pool.map(lambda _: call(stub, "sync", with_errors=with_errors), range(2))
            return sorted(both, key=str)
    elif name == "read":
        return len(list(stub.Read(plugin_pb2.Read.Request(table=table), timeout=DEADLINE)))
    elif name == "write":
        request = plugin_pb2.Write.Request(migrate_table=plugin_pb2.Write.MessageMigrateTable(table=table))
        stub.Write(iter([request]))
    elif name == "close":
        stub.Close(plugin_pb2.Close.Request())
    return "ok"


def stop_like_docker(started: subprocess.Popen, how: str) -> None:
    """What Docker's stop or kill does to the first process of a container; `started` is the program that made it."""
    with open(f"/proc/{started.pid}/task/{started.pid}/children") as children:
        first = int(children.read().split()[0])
    os.kill(first, signal.SIGKILL if how == "DOCKER KILL" else signal.SIGTERM)
    try:
        started.wait(timeout=10)  # Docker's own default
    except subprocess.TimeoutExpired:
        started.kill()


def main() -> None:
    calls, extra = sys.argv[1].split(","), sys.argv[2:]
    with_errors = os.environ.get("WITHOUT_ERROR_MESSAGES") is None
    port = free_port()
    program = os.environ.get("PLUGIN", os.path.join(HERE, "plugin.py"))
    command = [sys.executable, program, "serve", "--address", f"127.0.0.1:{port}"]
    command = [*json.loads(os.environ.get("UNDER", "[]")), *command]
    # Files, because the CLI reads what a plugin prints while that runs: a pipe would be full at 64 KiB.
    stdout, stderr = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
    plugin = subprocess.Popen([*command, *extra], stdout=stdout, stderr=stderr)
    outcome: dict[str, object] = {}
    try:
        channel = grpc.insecure_channel(
            f"127.0.0.1:{port}", options=[("grpc.max_receive_message_length", -1)]
        )
        ready = grpc.channel_ready_future(channel)
        while plugin.poll() is None:
            try:
                ready.result(timeout=0.2)
                break
            except grpc.FutureTimeoutError:
                continue
        stub = plugin_pb2_grpc.PluginStub(channel)
        for name in calls if plugin.poll() is None else []:
            try:
                outcome[name if name not in outcome else f"{name} again"] = call(
                    stub, name, with_errors=with_errors
                )
            except grpc.RpcError as error:
                outcome[name] = f"{error.code().name}: {error.details()}"
    finally:
        if os.environ.get("STOP", "").startswith("DOCKER"):
            stop_like_docker(plugin, os.environ["STOP"])
        elif plugin.poll() is None:
            plugin.send_signal(signal.SIGTERM if os.environ.get("STOP") == "TERM" else signal.SIGINT)
        plugin.wait(timeout=30)
    stdout.seek(0)
    stderr.seek(0)
    said = {"stdout": stdout.read(), "stderr": stderr.read()}
    print(json.dumps({"calls": outcome, "status": plugin.returncode, **said}))


if __name__ == "__main__":
    main()
