"""Textual: an app that crashes prints its traceback itself and returns from `run()` normally.

    record_app(MyApp()).run()

So neither a hook nor a guard sees the crash, and Textual has no public callback for it. On this one app, the
method is wrapped that handles every exception of handlers and workers.
"""

from typing import Any, TypeVar

from crashguard.capture.guard import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Ignore

_App = TypeVar("_App")


def record_app(app: _App, *, ignore: "Ignore" = ()) -> _App:
    """Record the exception that ends an app.

    Args:
        app: A `textual.app.App`, before its `run()`.
        ignore: Expected exceptions: types, and functions as in `crashguard.install(ignore=...)`.

    Returns:
        The same app.
    """
    watch = guard("textual", ignore=ignore)
    handle: Any = app._handle_exception  # type: ignore[attr-defined]

    def recorded(error: Exception) -> None:
        # textual wraps a worker's exception in its WorkerFailed, which has no stack of its own.
        cause = getattr(error, "error", None)
        crash = cause if isinstance(cause, BaseException) else error
        watch.__exit__(type(crash), crash, crash.__traceback__)
        handle(error)

    app._handle_exception = recorded  # type: ignore[attr-defined]
    return app
