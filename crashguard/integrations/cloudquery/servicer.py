"""Patches of the SDK's gRPC calls: Init, GetTables, Sync, Read, Write, Close and the others.

An `Exception` becomes a status for the CLI. It is recorded once the status has gone out. `SystemExit` ends
the call's thread without an answer, with crashguard as without it, and is recorded at once.

The frames of the patches are taken out of the traceback, which gRPC prints. Observed with SDK 0.1.56.
"""

import functools
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from crashguard.integrations.cloudquery.recorder import SERVICER, Recorder

_GENERATOR = 0x20  # inspect.CO_GENERATOR


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
            return function(self, request, context)
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
    tb = exc.__traceback__
    BaseException.with_traceback(exc, tb.tb_next if tb is not None else None)  # without the patch's frame
    if _is_cancelled(exc) or _is_the_sdks_own_consequence(exc):
        return
    if isinstance(exc, Exception):
        recorder.record_later(exc, phase, context)
    else:
        recorder.record(exc, phase)


def _is_cancelled(exc: BaseException) -> bool:
    """Whether gRPC itself raised this, because the CLI has left a call whose requests were being read."""
    return (type(exc).__module__, type(exc).__name__, exc.args) == ("grpc", "RpcError", ())


def _is_the_sdks_own_consequence(exc: BaseException) -> bool:
    """Whether the SDK raised this exception because an old CLI does not understand a table's error.

    For CLIs before 6.22 the servicer raises a bare NotImplementedError in place of a SyncErrorMessage. The
    crash of the table has its report already.
    """
    last = exc.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return (
        type(exc) is NotImplementedError
        and not exc.args
        and last is not None
        and last.tb_frame.f_globals.get("__name__") == SERVICER
    )
