"""Textual: an app that crashes prints what happened itself and returns from `run()` as if nothing had been.

    record_app(MyApp()).run()

So no hook is called and no guard sees it. Textual has no public way to be told: the method by which it takes
every exception of handlers and workers is wrapped, on the one app.
"""

from typing import Any, TypeVar

from crashguard.capture.guard import guard

_App = TypeVar("_App")


def record_app(app: _App) -> _App:
    """Record what ends an app.

    Args:
        app: A `textual.app.App`, before its `run()`.

    Returns:
        The same app.
    """
    handle: Any = app._handle_exception  # type: ignore[attr-defined]

    def recorded(error: Exception) -> None:
        # A worker's exception comes inside of textual's WorkerFailed, which has no stack of its own.
        cause = getattr(error, "error", None)
        crash = cause if isinstance(cause, BaseException) else error
        guard("textual").__exit__(type(crash), crash, crash.__traceback__)
        handle(error)

    app._handle_exception = recorded  # type: ignore[attr-defined]
    return app
