"""guard(): a decorator and context manager that records exceptions and raises them again.

    @crashguard.guard(plugin=Plugin("cloudquery", "source", "aws", "1.2.3"))     # an entry point
    with crashguard.guard("sync"): ...                                           # a block

A guard round a call that does not raise costs a try block. Guards with a plugin set a context variable; a
guard without a plugin reads it when an exception arrives. So a crash inside of a plugin never counts as a
crash of the tool.
"""

import sys
from _contextvars import ContextVar  # not contextvars: a file of the user's may be called so

from crashguard import minimal_record, policy
from crashguard.client import apart, current_client, has_stack, in_thread
from crashguard.files import keep_builtins
from crashguard.fork_gate import fork_gate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, TypeVar

    from crashguard.client import Client
    from crashguard.config import Ignore, Messages, Vocabulary
    from crashguard.plugin import Plugin

    _F = TypeVar("_F", bound=Callable[..., Any])


keep_builtins(__name__)


class _Inside:
    """A context variable that can be pickled, by its name: dill takes all globals of a function along."""

    __slots__ = ("get", "set")

    def __init__(self) -> None:
        variable: ContextVar[tuple[Plugin, Any] | None] = ContextVar("crashguard_plugins", default=None)
        self.get = variable.get
        self.set = variable.set

    def __reduce__(self) -> str:
        return "_inside"


# The plugins whose code runs here, innermost first, as nested pairs. Leaving a guard needs no token, so that
# several threads and tasks may enter one guard at once.
_inside = _Inside()

# inspect costs more to import than everything that install() does; these are its flags (inspect.CO_*).
_GENERATOR, _COROUTINE, _AWAITABLE, _ASYNC_GENERATOR = 0x20, 0x80, 0x100, 0x200

_NOTHING = object()


class Guard:
    """Records every crash that leaves a block or a function, once, and raises it again.

    Its public name is `crashguard.guard`: a context manager, and a decorator for functions, generators,
    coroutines and async generators. The decorated function keeps its name, docstring, signature and type.
    Several threads and tasks may enter one guard at once.

    Put it right above the function, below decorators that register the function (a route of FastAPI) or make
    an object of it (a task of Celery): they take what stands below them. Above such an object it is an error,
    because the function in its place would not have the object's methods (`.delay`).

    Ctrl-C, `sys.exit()`, cancellation, a closed generator and a closed output pipe are not crashes. A
    crash that passes several guards belongs to the innermost plugin. Without `install()` a guard does
    nothing.

    Args:
        name: The name of the guarded code, for the report's tag `guard`: `sync`.
        plugin: The plugin whose code runs inside.
        reraise: False swallows the exception after it is recorded; a function then returns None.
        messages: What the messages of crashes in here keep, if that is less than `install(messages=...)`
            says.
        vocabulary: Names that may stay in them, in place of those of `install(vocabulary=...)`.
        ignore: Exceptions that are expected here and are not recorded, beside those of `install(ignore=...)`:
            exception types and functions as there. They are raised again whatever `reraise` says.

    Raises:
        ConfigurationError: `name` is not a text (write `@guard()`, not `@guard`), or `ignore` holds
            something else than exception types and functions. As a decorator: the object cannot be guarded.
    """

    __slots__ = ("ignore", "messages", "name", "plugin", "reraise", "vocabulary")

    def __init__(
        self,
        name: str | None = None,
        *,
        plugin: "Plugin | None" = None,
        reraise: bool = True,
        ignore: "Ignore" = (),
        messages: "Messages | None" = None,
        vocabulary: "Vocabulary | None" = None,
    ) -> None:
        if name is not None and not isinstance(name, str):
            from crashguard.exceptions import ConfigurationError

            raise ConfigurationError(
                f"guard({name!r}): give a name as text, or no argument: write @guard(), not @guard"
            )
        self.name = name
        self.plugin = plugin
        self.reraise = reraise
        self.messages: Messages | None = None
        self.vocabulary: Vocabulary | None = None
        if messages is not None or vocabulary is not None:
            from crashguard.config import checked_messages, checked_vocabulary

            self.messages = messages if messages is None else checked_messages(messages)
            self.vocabulary = vocabulary if vocabulary is None else checked_vocabulary(vocabulary)
        self.ignore: Any = ()
        if ignore is not None and ignore != ():
            from crashguard.config import checked_ignore

            self.ignore = checked_ignore(ignore)
        if plugin is not None:
            client = current_client()
            if plugin not in client.plugins:
                client.plugins.append(plugin)
            if plugin.official and not plugin.packages:
                _learn_package(plugin, sys._getframe(1).f_globals.get("__name__"))
            if policy.why_not_plugin(plugin) is not None:
                client.local_only = True
                if client.run is not None:
                    client.run.keep_local()

    def __reduce__(self) -> "tuple[object, ...]":
        """How it is pickled and copied: it is made anew, so that a new process knows its plugin."""
        return _remade, (
            self.name,
            self.plugin,
            self.reraise,
            {"ignore": self.ignore, "messages": self.messages, "vocabulary": self.vocabulary},
        )

    def __enter__(self) -> None:
        if self.plugin is not None:
            _inside.set((self.plugin, _inside.get()))

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: "TracebackType | None",
    ) -> bool | None:  # `bool` would tell type checkers that a block may end without its return
        try:
            return exc is not None and self._caught(exc)
        except RecursionError:  # as in _wrap_function()
            if exc.__class__ is RecursionError and tb is not None and tb.tb_frame.f_code.co_filename is _FILE:
                exc.__traceback__ = tb.tb_next
            return False
        finally:  # Ctrl-C during the report must not leave the plugin in charge of what comes after
            if self.plugin is not None:  # no function: of the stack, as much is left as __enter__() had
                inside = _inside.get()
                _inside.set(inside[1] if inside else None)

    def __call__(self, function: "_F") -> "_F":
        """Guard a function, generator function, coroutine function or async generator function."""
        return _wrap(self, function)  # type: ignore[return-value]  # it is called like the function it wraps

    def _caught(self, exc: BaseException) -> bool:
        """Record an exception; whether the guard swallows it.

        Raises:
            RecursionError: No stack is left even to find out that no stack is left.
        """
        _hide_wrapper(exc)
        client = current_client()
        if client.config is None:
            return False
        if has_stack():
            is_crash, raised = self._record(client, exc)
        elif self.reraise and issubclass(type(exc), RecursionError):
            return False  # a guard further out records it, or the hook: with more of its traceback
        else:
            is_crash, raised = in_thread(lambda: self._record(client, exc)) or (False, None)
        if raised is not None:
            raise raised
        return is_crash and not self.reraise

    def _record(self, client: "Client", exc: BaseException) -> "tuple[bool, BaseException | None]":
        """Record an exception; whether it is a crash, and what a signal handler raised meanwhile."""
        interrupts, raised = client.load_interrupts()
        is_crash: list[bool] = []
        if interrupts is not None:

            def look() -> None:
                apart(lambda: client.spare.lending(lambda: self._look(client, exc, is_crash)))

            raised = interrupts.report(look) or raised
        if raised is None and not is_crash:
            is_crash.append(self._remember(client, exc))
        return is_crash != [False], raised

    def _remember(self, client: "Client", exc: BaseException) -> bool:
        """Where nothing can be imported: make at least the minimal record; whether it is a crash."""
        config = client.config
        assert config is not None  # noqa: S101 (_caught() has looked)
        expected = [kind for kind in (*config.ignore, *self.ignore) if isinstance(kind, type)]
        if issubclass(type(exc), (KeyboardInterrupt, SystemExit, GeneratorExit, *expected)):
            return False
        if client.prepared is not None and config.level.sends_errors:
            tb = minimal_record.traceback_of(exc)
            local = client.local_only
            minimal_record.write(client.prepared, "guard", exc, tb, goes_on=True, local_only=local)
        return True

    def _look(self, client: "Client", exc: BaseException, told: "list[bool]") -> None:
        """Find out whether it is a crash, and report it then."""
        config = client.config
        assert config is not None  # noqa: S101 (_caught() has looked)
        with fork_gate:
            from crashguard.capture.ignored import is_crash

        told.append(is_crash(exc, (*config.ignore, *self.ignore)))
        if told[0] and config.level.sends_errors:
            self._report(client, exc)

    def _report(self, client: "Client", exc: BaseException) -> None:
        with fork_gate:
            try:
                from crashguard import registry, reporter
            except Exception:  # noqa: BLE001 (they cannot be loaded any more)
                self._remember(client, exc)
                return
            crash = registry.Crash(
                exc,
                "guard",
                handled=not self.reraise,
                plugin=self.plugin or innermost_plugin(),
                tags={"guard": self.name} if self.name else None,
                messages=self.messages,
                vocabulary=self.vocabulary,
            )
            record = reporter.report(client, crash)
            if record is not None:
                reporter.enqueue(client, record, dying=False)


def _remade(name: str | None, plugin: "Plugin | None", reraise: bool, settings: "dict[str, Any]") -> Guard:
    return Guard(name, plugin=plugin, reraise=reraise, **settings)


def _learn_package(plugin: "Plugin", module: object) -> None:
    """Take the package of the code that makes a guard for that of the plugin which it names.

    Not that of the guarded function: a plugin may guard a function of the user's.
    """
    package = module.partition(".")[0] if type(module) is str else ""
    if package not in ("", "__main__", __name__.partition(".")[0]):
        known = (plugin.team, plugin.kind, plugin.name, plugin.version)
        made = type(plugin)(*known, official=True, packages=(package,))
        current_client().guarded.setdefault(package, made)


# The public name. It is the class itself: a function that makes a Guard would be a tenth of a guard's cost.
guard = Guard


def _hide_wrapper(exc: BaseException) -> None:
    """Remove the decorator's own frame from the traceback, which then reads as without the decorator."""
    tb = outermost = minimal_record.traceback_of(exc)
    # By the name of the module: cloudpickle, which takes the decorated function along, gives it another file.
    while tb is not None and tb.tb_frame.f_globals.get("__name__") == __name__:
        tb = tb.tb_next
    if tb is not outermost:
        BaseException.with_traceback(exc, tb)


_FILE = _hide_wrapper.__code__.co_filename  # for `is`: to compare takes of the stack


def innermost_plugin() -> "Plugin | None":
    """The plugin whose code runs in this thread or task; None outside of every plugin."""
    inside = _inside.get()
    return inside[0] if inside else None


def _wrap(guard: Guard, function: "Callable[..., Any]") -> "Callable[..., Any]":
    if type(function) is type(_wrap):
        inner, flags = function, function.__code__.co_flags
    else:
        try:
            from crashguard.capture import callables
        except Exception:  # noqa: BLE001 (it cannot be loaded any more: the function is what it was)
            return function
        decorated = callables.decorated(guard, function)
        if decorated is not None:
            return decorated  # type: ignore[no-any-return]  # a descriptor, or a click command
        inner = callables.innermost(function)
        flags = callables.flags_of(inner)
    if getattr(inner, "__dict__", {}).get("_is_coroutine_marker") is not None:
        flags |= _COROUTINE  # inspect.markcoroutinefunction
    if flags & _ASYNC_GENERATOR:
        wrapper = _wrap_async_generator(guard, function)
    elif flags & _COROUTINE:
        wrapper = _wrap_coroutine(guard, function)
    elif flags & _GENERATOR:
        wrapper = _wrap_generator(guard, function)
        if flags & _AWAITABLE:
            import types  # loaded already: its function set this flag

            wrapper = types.coroutine(wrapper)
    elif guard.plugin is None:
        wrapper = _wrap_function(guard, function)
    else:
        wrapper = _wrap_plugin_function(guard, function)
    return _dress(wrapper, function)


# What functools.wraps copies. From Python 3.14 on, to read `__annotations__` would evaluate them.
_WORN = (
    "__module__",
    "__name__",
    "__qualname__",
    "__doc__",
    "__annotate__" if sys.version_info >= (3, 14) else "__annotations__",
    "__type_params__",
    *("cache_info", "cache_clear", "cache_parameters"),  # of functools.lru_cache
)


def _dress(wrapper: "Callable[..., Any]", function: "Callable[..., Any]") -> "Callable[..., Any]":
    """The work of functools.wraps, written out because a start must not import functools."""
    for name in _WORN:
        if hasattr(function, name):
            try:
                setattr(wrapper, name, getattr(function, name))
            except TypeError:
                continue  # a proxy of a remote object answers to any name
    wrapper.__dict__.update(getattr(function, "__dict__", {}))
    wrapper.__wrapped__ = function  # type: ignore[attr-defined]
    return wrapper


def _wrap_function(guard: Guard, function: "Callable[..., Any]") -> "Callable[..., Any]":
    caught = guard._caught

    def guarded(*args: "Any", **kwargs: "Any") -> "Any":
        try:
            return function(*args, **kwargs)
        except BaseException as exc:
            try:
                is_swallowed = caught(exc)
            except RecursionError:
                # No stack is left to call anything. Ours must not take the place of the host's exception.
                is_swallowed = False
                if (
                    exc.__class__ is RecursionError
                    and exc.__traceback__ is not None
                    and exc.__traceback__.tb_frame.f_code.co_filename is _FILE
                ):  # as _hide_wrapper()
                    exc.__traceback__ = exc.__traceback__.tb_next
            if is_swallowed:
                return None
            raise

    return guarded


def _wrap_plugin_function(guard: Guard, function: "Callable[..., Any]") -> "Callable[..., Any]":
    def guarded(*args: "Any", **kwargs: "Any") -> "Any":
        with guard:
            return function(*args, **kwargs)

    return guarded


def _wrap_coroutine(guard: Guard, function: "Callable[..., Any]") -> "Callable[..., Any]":
    async def guarded(*args: "Any", **kwargs: "Any") -> "Any":
        with guard:
            return await function(*args, **kwargs)

    return guarded


def _wrap_generator(guard: Guard, function: "Callable[..., Any]") -> "Callable[..., Any]":
    def guarded(*args: "Any", **kwargs: "Any") -> "Any":
        inner = function(*args, **kwargs)
        step, value = inner.send, None
        while True:
            item = _NOTHING
            # Entered for each step: between two items it is the caller's turn, not the plugin's.
            with guard:
                try:
                    item = step(value)
                except StopIteration as end:
                    return end.value
                finally:
                    value = None  # else an exception that was thrown in keeps itself alive by this frame
            if item is _NOTHING:
                return None  # the guard swallowed what the generator raised
            try:
                value, step = (yield item), inner.send
            except BaseException as thrown:  # noqa: BLE001 (it goes on into the generator; close() too)
                value, step = thrown, inner.throw

    return guarded


def _wrap_async_generator(guard: Guard, function: "Callable[..., Any]") -> "Callable[..., Any]":
    async def guarded(*args: "Any", **kwargs: "Any") -> "Any":
        inner = function(*args, **kwargs)
        step, value = inner.asend, None
        while True:
            item = _NOTHING
            with guard:
                try:
                    item = await step(value)
                except StopAsyncIteration:
                    return
                finally:
                    value = None  # as in a generator
            if item is _NOTHING:
                return  # the guard swallowed what the generator raised
            try:
                value, step = (yield item), inner.asend
            except BaseException as thrown:  # noqa: BLE001 (it goes on into the generator; aclose() too)
                value, step = thrown, inner.athrow

    return guarded
