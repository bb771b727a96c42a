"""FastAPI, Starlette and every other ASGI application: exceptions that the application does not handle.

    app.add_middleware(CrashMiddleware)

An HTTPException, or another exception that the application turns into an answer, does not reach the
middleware. Exceptions that the server answers with 500 do: those of endpoints, dependencies, background
tasks, start-up and shutdown.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from crashguard.capture.guard import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Ignore

_Call = Callable[[Any, Any, Any], Awaitable[None]]


class CrashMiddleware:
    """Records an exception of an ASGI application and raises it again. It does not read the request.

    Args:
        app: The application.
        ignore: Expected exceptions: types, and functions as in `crashguard.install(ignore=...)`.
    """

    __slots__ = ("_guard", "app")

    def __init__(self, app: _Call, *, ignore: "Ignore" = ()) -> None:
        self.app = app
        self._guard = guard("asgi", ignore=ignore)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Call the application."""
        with self._guard:
            await self.app(scope, receive, send)
