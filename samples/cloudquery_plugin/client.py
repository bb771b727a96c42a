"""A small client in the place of the CloudQuery CLI: starts the plugin, syncs over gRPC, sends SIGINT.

python client.py
"""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import grpc
from cloudquery.plugin_v3 import plugin_pb2, plugin_pb2_grpc

PLUGIN = Path(__file__).with_name("plugin.py")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Sync once and say what came."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, str(PLUGIN), "serve", "--address", address, "--log-format", "json"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    channel = grpc.insecure_channel(address)
    ready = grpc.channel_ready_future(channel)
    while True:
        try:
            ready.result(timeout=0.2)
            break
        except grpc.FutureTimeoutError:
            if process.poll() is not None:
                sys.exit(f"the plugin did not start (status {process.returncode}): {' '.join(command)}")
    stub = plugin_pb2_grpc.PluginStub(channel)
    stub.Init(plugin_pb2.Init.Request(spec=b"{}"))
    inserts = 0
    for answer in stub.Sync(plugin_pb2.Sync.Request(tables=["*"], withErrorMessages=True)):
        inserts += answer.WhichOneof("message") == "insert"
        if answer.WhichOneof("message") == "error":
            print(f"the plugin says: {answer.error.table_name}: {answer.error.error}")
    process.send_signal(signal.SIGINT)
    process.wait()
    print(f"{inserts} rows synced; the plugin ended as after every sync (status {process.returncode})")


if __name__ == "__main__":
    main()
