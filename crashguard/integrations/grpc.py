"""gRPC: an exception of a handler is recorded; the client gets UNKNOWN as without crashguard.

    grpc.server(executor, interceptors=[CrashInterceptor()])

`context.abort()` raises a bare Exception, which a plain guard round a handler would record as a crash.
"""

from collections.abc import Callable, Iterator
from typing import Any

import grpc  # type: ignore[import-not-found,import-untyped,unused-ignore]

from crashguard.capture.guard import Guard, guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Ignore


class CrashInterceptor(grpc.ServerInterceptor):  # type: ignore[misc,unused-ignore]  # grpc has no types
    """Records exceptions of the handlers of a `grpc.server()`. It does not read requests or metadata.

    Args:
        ignore: Expected exceptions: types, and functions as in `crashguard.install(ignore=...)`.
    """

    def __init__(self, *, ignore: "Ignore" = ()) -> None:
        self._guard = guard("grpc", ignore=ignore)

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """The handler for a call, watched; see `grpc.ServerInterceptor`."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None
        kind = (
            f"{'stream' if handler.request_streaming else 'unary'}_"
            f"{'stream' if handler.response_streaming else 'unary'}"
        )
        watched = _stream if handler.response_streaming else _unary
        make = getattr(grpc, f"{kind}_rpc_method_handler")
        return make(
            watched(getattr(handler, kind), self._guard),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


class _Watch:
    """A guard that does not record the exception of `context.abort()`."""

    __slots__ = ("context", "guard")

    def __init__(self, context: Any, guard: Guard) -> None:
        self.context = context
        self.guard = guard

    def __enter__(self) -> None:
        pass

    def __exit__(self, exc_type: Any, exc: BaseException | None, tb: Any) -> None:
        if exc is None or (type(exc) is Exception and not exc.args and self.context.code() is not None):
            return
        self.guard.__exit__(exc_type, exc, tb)


def _unary(behavior: Callable[[Any, Any], Any], guard: Guard) -> Callable[[Any, Any], Any]:
    def watched(request: Any, context: Any) -> Any:
        with _Watch(context, guard):
            return behavior(request, context)

    return watched


def _stream(behavior: Callable[[Any, Any], Any], guard: Guard) -> Callable[[Any, Any], Iterator[Any]]:
    def watched(request: Any, context: Any) -> Iterator[Any]:
        with _Watch(context, guard):
            yield from behavior(request, context)

    return watched
