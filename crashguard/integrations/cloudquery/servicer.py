"""Patches of the SDK's gRPC calls: Init, GetTables, Sync, Read, Write, Close and the others.

An `Exception` becomes a status for the CLI. It is recorded once the status is out. In a container, which
may end with that status, it is recorded and sent before, except in a write. `SystemExit` and its like end
the call's thread without an answer, with crashguard as without it, and are recorded at once.

The frames of the patches are taken out of the traceback, which gRPC prints. Observed with SDK 0.1.20 to
0.1.57.
"""

import functools
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from crashguard.frames import locals_of
from crashguard.integrations.cloudquery.recorder import SERVICER, Recorder, at_table, is_close

_GENERATOR = 0x20  # inspect.CO_GENERATOR
_FED = "write"  # the call whose status must not be late: the CLI goes on feeding it, and may miss the reason


def watch(recorder: Recorder, put_back: ExitStack) -> None:
    """Patch the servicer's class before a server takes its methods, and undo that at the end."""
    try:
        from cloudquery.sdk.internal.servers.plugin_v3.plugin import (  # type: ignore[import-not-found,unused-ignore]
            PluginServicer,
        )
    except Exception:  # noqa: BLE001 (a broken installation; the plugin's own import raises it in the guard)
        return
    for name, function in list(vars(PluginServicer).items()):
        if name[:1].isupper() and hasattr(function, "__code__"):
            phase = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()  # GetTables: get_tables
            patch = _streaming if function.__code__.co_flags & _GENERATOR else _answering
            setattr(PluginServicer, name, patch(function, recorder, phase))
            put_back.callback(setattr, PluginServicer, name, function)


def _answering(function: Callable[..., Any], recorder: Recorder, phase: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(self: Any, request: Any, context: Any) -> Any:
        try:
            answer = function(self, request, context)
            recorder.rest()
            return answer
        except BaseException as exc:
            _record(recorder, exc, phase, context)
            raise

    return call


def _streaming(function: Callable[..., Any], recorder: Recorder, phase: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(self: Any, request: Any, context: Any) -> Iterator[Any]:
        try:
            yield from function(self, request, context)
            recorder.rest()  # before the CLI hears that the call is over
        except BaseException as exc:
            _record(recorder, exc, phase, context)
            raise

    return call


def _record(recorder: Recorder, exc: BaseException, phase: str, context: Any) -> None:
    if is_close(exc):
        return  # the CLI has left the call
    tb = exc.__traceback__
    BaseException.with_traceback(exc, tb.tb_next if tb is not None else None)  # without the patch's frame
    if _is_cancelled(exc):
        return
    untold = _table_untold(exc)
    if untold is not None and recorder.has_seen(untold):
        return
    token = at_table.set((untold or None, None))
    try:
        if isinstance(exc, Exception) and (phase == _FED or not recorder.sends_itself):
            recorder.record_later(exc, phase, context)
        else:
            recorder.record(exc, phase)
            recorder.rest()
    finally:
        at_table.reset(token)


def _is_cancelled(exc: BaseException) -> bool:
    """Whether gRPC itself raised this, because the CLI has left a call whose requests were being read."""
    return (type(exc).__module__, type(exc).__name__, exc.args) == ("grpc", "RpcError", ())


def _table_untold(exc: BaseException) -> str | None:
    """The table whose error the SDK could not tell an old CLI, where it raised this exception for that.

    For CLIs before 6.22 the servicer raises a bare NotImplementedError in place of a SyncErrorMessage, and
    the whole sync fails. The crash of the table has its report already. An error that the plugin's author
    expects, or tells the CLI by itself, has none.
    """
    last = exc.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if type(exc) is not NotImplementedError or exc.args or last is None:
        return None
    message = locals_of(last.tb_frame).get("msg")
    if last.tb_frame.f_globals.get("__name__") != SERVICER or type(message).__name__ != "SyncErrorMessage":
        return None
    table = getattr(message, "table_name", None)
    return table if isinstance(table, str) else ""
