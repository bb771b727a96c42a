# Appended to the program of docs/frameworks.md: a real server on a real socket, and a client.
def crash(request, context):
    raise ValueError("lost")


def stream(request, context):
    yield b"one"
    raise KeyError("lost")


def abort(request, context):
    context.abort(grpc.StatusCode.NOT_FOUND, "no such thing")


def fine(request, context):
    return b"fine"


handlers = {
    "crash": grpc.unary_unary_rpc_method_handler(crash),
    "abort": grpc.unary_unary_rpc_method_handler(abort),
    "fine": grpc.unary_unary_rpc_method_handler(fine),
    "stream": grpc.unary_stream_rpc_method_handler(stream),
}
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("demo", handlers),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
    for name in ("crash", "abort", "fine", "nothing"):
        try:
            print(name, channel.unary_unary(f"/demo/{name}")(b""))
        except grpc.RpcError as error:
            print(name, error.code(), error.details())
    try:
        print(list(channel.unary_stream("/demo/stream")(b"")))
    except grpc.RpcError as error:
        print(error.code(), error.details())
server.stop(None).wait()
