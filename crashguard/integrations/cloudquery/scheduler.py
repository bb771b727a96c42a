"""Patches of the SDK's scheduler, which goes on after an exception of a resolver.

1. It logs the `Exception`s of a table and of a row, each in a line of its own. Only these two lines are
   looked at: the logger of the scheduler is watched, whether the plugin gave it or not, and only what the
   scheduler's own code logs as an error.
2. Two of its functions run in executors. What else they raise stays in futures that nobody reads.

An exception that the scheduler meets while it deals with another one follows from that one and is none of its
own: a message that cannot be had, because `__str__` raises, or a logger that takes no line.

Observed with SDK 0.1.20 to 0.1.57.
"""

import functools
import sys
from collections.abc import Callable
from contextlib import ExitStack
from contextvars import ContextVar
from threading import Lock
from typing import Any
from weakref import ref

from crashguard.integrations.cloudquery.recorder import SCHEDULER, Recorder, at_table, name_of

_CONTEXT = vars(BaseException)["__context__"].__get__  # the attribute of a subclass may be anything
_MOST_CONTEXTS = 10


# Told of an exception that a scheduler goes on after, and of the queue of the sync's messages, by which the
# syncs of one scheduler are told apart. Called in the thread of the exception. Never raises.
Tell = Callable[[BaseException, object], None]


class _Call:
    """What one thread does for one sync.

    Attributes:
        queue: The queue of the sync's messages.
        logged: The exception that the scheduler logged last.
    """

    __slots__ = ("logged", "queue")

    def __init__(self, queue: object) -> None:
        self.queue = queue
        self.logged: BaseException | None = None

    def is_new(self, exc: BaseException) -> bool:
        """Whether an exception is none that was raised while the scheduler dealt with the logged one."""
        earlier = _CONTEXT(exc)
        for _ in range(_MOST_CONTEXTS):
            if earlier is None or self.logged is None:
                return True
            if earlier is self.logged:
                return False
            earlier = _CONTEXT(earlier)
        return True


_call: ContextVar[_Call | None] = ContextVar("crashguard_call", default=None)


def watch(recorder: Recorder, put_back: ExitStack) -> None:
    """Patch the scheduler's class, and undo that at the end."""
    try:
        from cloudquery.sdk.scheduler.scheduler import Scheduler  # type: ignore[import-not-found,unused-ignore]
    except Exception:  # noqa: BLE001 (a broken installation; the plugin's own import raises it in the guard)
        return

    def tell(exc: BaseException, queue: object) -> None:  # noqa: ARG001 (all syncs of a plugin are reported alike)
        recorder.record(exc)

    loggers = _Loggers(tell)
    put_back.callback(loggers.put_back)
    for name, patch in (
        (_resolve_of(Scheduler), functools.partial(_resolving, loggers=loggers)),
        ("_sync", _submitting),
    ):
        function = vars(Scheduler).get(name)
        if function is not None:  # another version of the SDK may have none of this name
            put_back.callback(setattr, Scheduler, name, function)
            setattr(Scheduler, name, patch(function, recorder))


def listen(scheduler: Any, begin: Callable[[Any, object], None], tell: Tell) -> None:
    """Call `begin` and `tell` at the syncs of one scheduler, as long as it lives.

    Args:
        scheduler: The scheduler.
        begin: Called with the resolvers and the queue of each sync.
        tell: Called for each exception that a sync goes on after.
    """
    _watch_logger(scheduler, tell)
    kind, resolve = type(scheduler), _resolve_of(type(scheduler))

    # The class is asked at each call: a guard round the plugin's server patches it later.
    def submitting(client: Any, resolvers: Any, *args: Any, **kw: Any) -> Any:
        queue = _queue_in(args, kw)
        begin(resolvers, queue)
        return _watched(functools.partial(kind._sync, scheduler, client, resolvers, *args, **kw), queue, tell)

    def resolving(resolver: Any, depth: Any, client: Any, parent: Any, *args: Any, **kw: Any) -> Any:
        method = functools.partial(getattr(kind, resolve), scheduler, resolver, depth, client, parent)
        return _watched(functools.partial(method, *args, **kw), _queue_in(args, kw), tell)

    scheduler._sync = submitting
    setattr(scheduler, resolve, resolving)


def _queue_in(args: tuple[Any, ...], kw: dict[str, Any]) -> object:
    """The queue of the sync among the further arguments of a function of the scheduler."""
    return args[0] if args else kw.get("res")


def _watched(function: Callable[[], Any], queue: object, tell: Tell) -> Any:
    """Call a function of the scheduler, and tell of what it lets out."""
    call = _call.get()
    if call is not None and call.queue is queue:  # two watch one call
        return _told(function, call, tell)
    call = _Call(queue)
    token = _call.set(call)
    try:
        return _told(function, call, tell)
    finally:
        _call.reset(token)
        call.logged = None  # its frames hold this one


def _told(function: Callable[[], Any], call: _Call, tell: Tell) -> Any:
    try:
        return function()
    except BaseException as exc:
        if call.is_new(exc):
            tell(exc, call.queue)
        raise


def _resolve_of(kind: type) -> str:
    # The inner function where there is one: what it raises is told before the table counts as finished.
    return "_resolve_table" if hasattr(kind, "_resolve_table") else "resolve_table"


class _Logger:
    """A scheduler's logger, which tells of the exceptions that the scheduler logs as errors."""

    def __init__(self, logger: Any) -> None:
        self.watched = logger
        self.listeners: list[Tell] = []

    def __getattr__(self, name: str) -> Any:
        if name == "debug" and (call := _call.get()) is not None:
            call.logged = (
                None  # the scheduler's next line: it is done with a row, whose exception may come again
            )
        return getattr(self.watched, name)

    @property
    def error(self) -> Any:
        """The logger's own function: a frame of ours would be the one that its lines name as their place."""
        exc, call = sys.exc_info()[1], _call.get()
        if (
            exc is not None
            and call is not None
            and call.is_new(exc)
            and sys._getframe(1).f_globals.get("__name__") == SCHEDULER
        ):
            call.logged = exc
            for tell in self.listeners:
                tell(exc, call.queue)
        return self.watched.error


class _Loggers:
    """The schedulers whose logger is watched. They are not kept alive: a scheduler's end ends its threads."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._schedulers: list[ref[Any]] = []  # no set: a plugin's own kind of scheduler may have no hash
        self._adding = Lock()

    def watch(self, scheduler: Any) -> None:
        """Watch the logger of a scheduler, once, and the next one that the plugin gives it."""
        with self._adding:
            if _watch_logger(scheduler, self._tell) and not any(
                each() is scheduler for each in self._schedulers
            ):
                self._schedulers = [each for each in self._schedulers if each() is not None]
                self._schedulers.append(ref(scheduler))

    def put_back(self) -> None:
        """Give each scheduler its logger back, unless somebody else listens to it."""
        for each in self._schedulers:
            scheduler = each()
            if scheduler is not None and isinstance(scheduler._logger, _Logger):
                scheduler._logger.listeners.remove(self._tell)
                if not scheduler._logger.listeners:
                    scheduler._logger = scheduler._logger.watched


def _watch_logger(scheduler: Any, tell: Tell) -> bool:
    """Have somebody told of what a scheduler logs; False where it has no logger."""
    logger = getattr(scheduler, "_logger", None)
    if logger is None:
        return False
    if not isinstance(logger, _Logger):
        logger = scheduler._logger = _Logger(logger)
    if tell not in logger.listeners:
        logger.listeners.append(tell)
    return True


def _resolving(function: Callable[..., Any], recorder: Recorder, *, loggers: _Loggers) -> Callable[..., Any]:
    @functools.wraps(function)
    def resolve(self: Any, resolver: Any, depth: Any, client: Any, parent: Any, *args: Any, **kw: Any) -> Any:
        try:
            loggers.watch(self)
            recorder.see([resolver])
        except Exception:  # noqa: BLE001, S110 (a plugin's own kind of scheduler or resolver; the sync goes on)
            pass
        token = at_table.set((name_of(resolver, "table"), name_of(parent, "_table")))
        call = functools.partial(function, self, resolver, depth, client, parent, *args, **kw)
        try:
            return _watched(call, _queue_in(args, kw), lambda exc, _: recorder.record(exc, "resolve"))
        finally:
            at_table.reset(token)

    return resolve


def _submitting(function: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    @functools.wraps(function)
    def submit(self: Any, client: Any, resolvers: Any, *args: Any, **kw: Any) -> Any:
        try:
            recorder.see(resolvers)
        except Exception:  # noqa: BLE001, S110 (what is wrong with them is the SDK's to find)
            pass
        call = functools.partial(function, self, client, resolvers, *args, **kw)
        return _watched(call, _queue_in(args, kw), lambda exc, _: recorder.record(exc))

    return submit
