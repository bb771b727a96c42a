"""FastAPI, Starlette and every other ASGI application: what leaves an endpoint is recorded.

    app.add_middleware(CrashMiddleware)

An HTTPException and whatever else the application turns into an answer never comes here: it was handled. What
comes here is what the server answers with 500: endpoints, dependencies, background tasks, start-up and end.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from crashguard.capture.guard import guard

_Call = Callable[[Any, Any, Any], Awaitable[None]]


class CrashMiddleware:
    """Records what an ASGI application raises and lets it pass. Nothing of the request is looked at.

    Args:
        app: The application.
    """

    __slots__ = ("app",)

    def __init__(self, app: _Call) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Call the application."""
        with guard("asgi"):
            await self.app(scope, receive, send)
