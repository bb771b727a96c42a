"""CloudQuery's analytics service, as its declaration in plugin-pb-go says; prints the summaries as JSON lines.

Run it with the SDK's Python, which has grpcio and protobuf. Its first line is its port.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

TEXT, NUMBER, MESSAGE = 9, 3, 11
FIELDS = {
    "Destination": {"Path": (1, TEXT), "Version": (2, TEXT)},
    "SyncSummary": {
        "Invocation_UUID": (1, TEXT),
        "Message_UUID": (2, TEXT),
        "Timestamp": (3, NUMBER),
        "Source_path": (4, TEXT),
        "Source_version": (5, TEXT),
        "Destinations": (6, "Destination"),
        "Resources": (8, NUMBER),
        "Errors": (9, NUMBER),
        "Panics": (10, NUMBER),
        "Client_version": (11, TEXT),
        "Exit_reason": (12, TEXT),
    },
    "Request": {"sync_summary": (1, "SyncSummary")},
}


def messages() -> dict[str, type]:
    file = descriptor_pb2.FileDescriptorProto(name="a.proto", package="cq", syntax="proto3")
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            added = message.field.add(name=field, number=number, label=3 if field == "Destinations" else 1)
            added.type = kind if isinstance(kind, int) else MESSAGE
            if isinstance(kind, str):
                added.type_name = f".cq.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"cq.{name}")) for name in FIELDS
    }


def send_event(request: bytes, context: grpc.ServicerContext) -> bytes:
    read = messages()["Request"].FromString(request)
    answer = sys.argv[1] if len(sys.argv) > 1 else ""
    said = json_format.MessageToDict(read, preserving_proto_field_name=True)
    said["user_agent"] = dict(context.invocation_metadata())["user-agent"].split("/")[0]
    print(json.dumps(said), flush=True)
    if answer:
        context.abort(getattr(grpc.StatusCode, answer), "no")
    return b""


server = grpc.server(ThreadPoolExecutor(1))
handler = grpc.method_handlers_generic_handler(
    "cloudquery.backend.analytics.Analytics", {"SendEvent": grpc.unary_unary_rpc_method_handler(send_event)}
)
server.add_generic_rpc_handlers((handler,))
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
sys.stdin.read()
server.stop(0)
