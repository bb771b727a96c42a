"""The time limit of a whole request, whatever a server does.

The time limits of a socket count from byte to byte. A server that sends a byte now and then, or header after
header, would hold a request for days. So the request is made in a thread, and whoever waits for it shuts the
connection down when the time is over: then the thread ends, too.
"""

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from typing import Any, TypeVar

    from urllib3 import PoolManager

    _T = TypeVar("_T")


THREAD = "crashguard-send"
_MOST_END = 0.5  # seconds that a thread may take to end, once its connection is shut down


class WithdrawnError(Exception):
    """A no came while the connection was made: nothing was written to it."""


class Connections:
    """The connections of one request, to be shut down from another thread.

    Args:
        still: Whether the request may still be made, asked once a connection stands.

    Attributes:
        are_shut: Whether that was done. What is read after that is no whole answer.
    """

    __slots__ = ("_made", "_sockets", "_still", "are_shut")

    def __init__(self, still: "Callable[[], bool] | None" = None) -> None:
        self.are_shut = False
        self._made: list[Any] = []
        self._sockets: list[socket.socket] = []
        self._still = still

    def watch(self, manager: "PoolManager", url: str) -> None:
        """Know every connection that a manager makes for an address."""
        pool = manager.connection_from_url(url)
        make: Callable[..., Any] = pool.ConnectionCls

        def made(*args: "Any", **more: "Any") -> "Any":
            connection = make(*args, **more)
            connect = connection.connect

            def connected() -> None:
                connect()
                self._sockets.append(connection.sock)  # it outlives the connection while an answer is read
                # From here to the first byte nothing is waited for.
                if self.are_shut:  # whoever waited for this request has gone on
                    raise TimeoutError
                if self._still is not None and not self._still():
                    raise WithdrawnError

            connection.connect = connected
            self._made.append(connection)
            return connection

        pool.ConnectionCls = made  # type: ignore[assignment]  # it is only called

    def shut_down(self) -> None:
        """End what is read from them and written to them. Never raises."""
        self.are_shut = True
        for each in [*self._sockets, *(connection.sock for connection in self._made)]:
            if each is not None:
                try:
                    each.shutdown(2)  # both directions; socket.SHUT_RDWR
                except OSError:
                    pass  # it is closed


def within(seconds: float, work: "Callable[[], _T]", connections: Connections) -> "_T":
    """Do something in a thread; where the interpreter starts none any more, in this one, without the limit.

    Args:
        seconds: The limit.
        work: What is done; it may raise.
        connections: What it uses.

    Raises:
        TimeoutError: The time was over.
    """
    results: list[_T] = []
    errors: list[BaseException] = []
    # An event in place of join(): a thread in which sentry-sdk imports eventlet ends and cannot be joined.
    done = threading.Event()

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 (it is raised where the result is waited for)
            errors.append(error)
        done.set()

    try:
        threading.Thread(target=run, name=THREAD, daemon=True).start()
    except RuntimeError:
        return work()
    try:
        is_late = not done.wait(seconds)
    except BaseException:  # Ctrl-C ends the request, too
        connections.shut_down()
        raise
    if is_late:
        connections.shut_down()
        done.wait(_MOST_END)  # where only the end of an answer was missing, it is there now
    if results:
        return results.pop()
    raise errors.pop() if errors and not is_late else TimeoutError
