"""The client that a premium plugin holds while it syncs: the face of the package.

The client puts the parts together and owns their threads. It handles the two moments at which other clients
lose rows: the end of the process, and a fork.
"""

import atexit
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Self

from crashguard import paths
from crashguard.plugin import Plugin
from crashguard.usage import quota, wire
from crashguard.usage.api import LOGIN_URL, URL, Api, Quota
from crashguard.usage.counter import Counter
from crashguard.usage.credentials import Account, open_account
from crashguard.usage.errors import UsageConfigurationError, UsageError
from crashguard.usage.http import SECONDS, checked_url
from crashguard.usage.licence import CLOUDQUERY_KEY, Licence, valid_licence
from crashguard.usage.loop import Loop
from crashguard.usage.meter import Meter
from crashguard.usage.steering import Steering
from crashguard.usage.store import Store

logger = logging.getLogger("crashguard.usage")

INSTALLATION_ID = "_CQ_INSTALLATION_ID"
DURABLE_ROWS = 100_000
DURABLE_SECONDS = 1.0
_FOREVER = 1 << 62


def usage_folder() -> str:
    """The folder of unsent usage. It is not the folder of crash reports, so `purge` does not delete usage."""
    return paths.state_dir() + "-usage"


class UsageClient:
    """Counts the rows of a premium plugin and reports them to the licensing server. A context manager.

        with UsageClient(Plugin("acme", "source", "orders", "1.2.3")) as usage:
            usage.increase_for_table("orders", 250)

    Leaves the machine, as `POST {url}/teams/{team}/usage`: the plugin's team, kind and name, numbers of
    rows, the names given to increase_for_table(), a random id for each request, `_CQ_INSTALLATION_ID` if
    it is set, and the token. docs/usage.md has every field.

    A SIGKILL loses at most what was counted in the last `durable_seconds`, and never more than
    `durable_rows` rows and one call of each thread. A failure of the server or the network loses nothing.

    In a forked child the client starts at zero: what the parent counted, the parent reports. A child that
    ends without close() leaves its rows to the next run, as a SIGKILL does.

    Args:
        plugin: Whose usage it is.
        team: The customer's team that pays. Default: `_CQ_TEAM_NAME`, the login's, or the API key's only one.
        api_key: The token. Default: `CLOUDQUERY_API_KEY`, or the login of `cloudquery login`.
        url: The licensing server; https, or http on a loopback address.
        licence: An offline licence, or a folder of them. If one is valid for this plugin nothing is counted,
            kept, sent or asked.
        licence_key: The vendor's ed25519 public key, 64 hexadecimal digits.
        folder: Where unsent usage is kept.
        steering: How much is sent how often, until the server says otherwise.
        durable_seconds: Seconds after which counted rows are on disk.
        durable_rows: Rows after which counting waits for the disk.
        close_seconds: How long close() may take.
        login_url: The service that turns a login into a token.
        api: In place of the real server.
        clock: Seconds that never run backwards.

    Raises:
        UsageConfigurationError: An argument makes no sense.
        CredentialsError: There is no token or no team.
        UsageServerError: The server had to be asked for the token or the team, and did not say.
        LicenceError: `licence` does not hold.
    """

    def __init__(
        self,
        plugin: Plugin,
        *,
        team: str | None = None,
        api_key: str | None = None,
        url: str = URL,
        licence: str | os.PathLike[str] | None = None,
        licence_key: str = CLOUDQUERY_KEY,
        folder: str | os.PathLike[str] | None = None,
        steering: Steering | None = None,
        durable_seconds: float = DURABLE_SECONDS,
        durable_rows: int = DURABLE_ROWS,
        close_seconds: float = SECONDS,
        login_url: str = LOGIN_URL,
        api: Api | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not (durable_seconds > 0 and durable_rows > 0 and close_seconds > 0):
            raise UsageConfigurationError(
                "durable_seconds, durable_rows and close_seconds: give figures above zero"
            )
        self.plugin = plugin
        self.licence: Licence | None = None
        self._url = checked_url(url)
        self._folder = os.path.abspath(usage_folder() if folder is None else folder)
        self._steering = steering or Steering()
        self._durable = (durable_rows, durable_seconds)
        self._close_seconds = close_seconds
        self._clock = clock
        self._closed = False
        self._meta = wire.Meta.of(plugin, _installation_id())
        self._meter: Meter | None = None
        if licence is not None:
            self.licence = valid_licence(licence, plugin, key=licence_key)
            if self.licence is None:
                logger.info(
                    "the licence %s is for other plugins: usage of %s is reported", licence, self._meta
                )
        if self.licence is not None:
            logger.info("usage of %s is not reported: licensed to %s", self._meta, self.licence.licensed_to)
            self._team = team or ""
            self._counter = Counter(lambda: self._counter.set_budget(_FOREVER))
            return
        account = open_account(url, login_url=login_url, team=team, api_key=api_key, api=api)
        self._team = account.team
        self._account: Account = account
        self._begin(account).take_over()
        atexit.register(self._at_exit)
        self._watch_forks()
        self._start()

    def _begin(self, account: Account) -> Meter:
        """A meter and threads of this process' own, at zero."""
        durable_rows, durable_seconds = self._durable
        meter = Meter(
            self._meta,
            account.team,
            api=account.api,
            store=Store(self._folder, account.name),
            steering=self._steering,
            durable_rows=durable_rows,
            durable_seconds=durable_seconds,
            wake=self._wake,
            clock=self._clock,
            pause=time.sleep,
        )
        self._closing = threading.Lock()
        self._keeper = Loop("crashguard-usage-keep", meter.time_to_keep, self._keep)
        self._sender = Loop("crashguard-usage-send", meter.time_to_send, self._send)
        self._meter = meter
        self._counter = meter.counter
        return meter

    # Counting

    def increase(self, rows: int) -> None:
        """Count rows of a table whose name must not leave the machine, or of none.

        For tables whose names a user chose. Costs a fraction of a microsecond; may be called from any thread.

        Args:
            rows: How many, above zero.

        Raises:
            UsageCountError: `rows` is not above zero, or increase_for_table() was used before.
            UsageClosedError: The client is closed; the rows are not counted.
        """
        self._counter.add(rows)

    def increase_for_table(self, table: str, rows: int) -> None:
        """Count rows of a table whose name is static: the plugin's, never a user's.

        The name leaves the machine.

        Args:
            table: Its name.
            rows: How many, above zero.

        Raises:
            UsageCountError: `rows` is not above zero, `table` is no name, or increase() was used before.
            UsageClosedError: The client is closed; the rows are not counted.
        """
        self._counter.add_for_table(table, rows)

    @property
    def is_reporting(self) -> bool:
        """False where an offline licence took the place of reporting."""
        return self._meter is not None

    @property
    def unsent(self) -> int:
        """Rows that the server has not confirmed yet, with those that earlier runs left."""
        return 0 if self._meter is None else self._meter.unsent()

    @property
    def team(self) -> str:
        """The customer's team that pays."""
        return self._team

    @property
    def steering(self) -> Steering:
        """How much is sent how often, as the server wants it now."""
        return self._steering if self._meter is None else self._meter.steering

    def checkpoint(self) -> bool:
        """Write all counted rows to disk, so that no kill loses them. Returns whether that succeeded."""
        return True if self._meter is None else self._meter.keep()

    def flush(self, *, seconds: float = SECONDS) -> None:
        """Report everything that was counted now, without waiting for the intervals.

        Args:
            seconds: How long that may take.

        Raises:
            UsageNotSentError: Something is left; it stays counted.
        """
        if self._meter is not None:
            self._meter.flush(seconds=seconds)

    # Quota

    def check_quota(self) -> Quota:
        """Ask the server how many rows are left; without limit where an offline licence is valid.

        Raises:
            UsageServerError: It did not say.
        """
        return Quota() if self._meter is None else self._account.api.quota(self._team, self._meta)

    def watch_quota(
        self,
        stop: Callable[[UsageError], object] | None = None,
        *,
        interval: float = quota.INTERVAL,
        failures: int = quota.FAILURES,
    ) -> quota.QuotaWatch:
        """Check the quota now and while the sync runs.

            with usage.watch_quota(lambda reason: sync.cancel(reason)):
                sync.run()

        Args:
            stop: Called once, in another thread, with the NoQuotaError or QuotaCheckError that ends the sync.
            interval: Seconds between two checks, until the server says otherwise.
            failures: Failed checks in a row that end the sync.

        Returns:
            A context manager, which raises the reason at its end as well, and which can be asked in between.

        Raises:
            NoQuotaError: No rows are left, so the sync must not begin.
            QuotaCheckError: The quota is not known, so the sync must not begin.
        """
        billing = f"https://cloud.cloudquery.io/teams/{self._team}/billing" if self._url == URL else None
        return quota.QuotaWatch(
            self.check_quota,
            lambda: quota.no_quota_error(str(self._meta), self._team, billing),
            stop=stop,
            interval=interval,
            failures=failures,
            clock=self._clock,
        )

    # Lifetime

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        try:
            # Who presses Ctrl+C does not want to wait for a server: the rows go with the next run.
            self.close(send=not isinstance(error, KeyboardInterrupt))
        except UsageError as failure:
            logger.warning("%s", failure)  # the body's own error is the one to see

    def close(self, *, send: bool = True) -> None:
        """Stop counting, and report the rows that are left. A second call does nothing.

        Everything is durable before anything is sent.

        Args:
            send: False sends no request, and leaves unsent rows to the next run.

        Raises:
            UsageNotSentError: Something could not be reported; it says whether the next run will.
        """
        meter = self._meter
        if meter is None:
            self._counter.close()
            return
        with self._closing:
            if self._closed:
                return
            self._closed = True
        end = self._clock() + self._close_seconds
        try:
            meter.close()
            self._keeper.stop(timeout=self._close_seconds)
            if send:
                self._sender.stop(timeout=max(0.0, end - self._clock()))
                meter.flush(seconds=max(1.0, end - self._clock()))
                meter.check_refused()
            else:
                self._sender.stop(timeout=0)
        finally:
            meter.let_go()
            atexit.unregister(self._at_exit)

    def _start(self) -> None:
        self._keeper.start()
        self._sender.start()

    def _wake(self) -> None:
        self._start()  # in a forked child there are none until something is counted
        self._keeper.wake()
        self._sender.wake()

    def _keep(self) -> None:
        if self._meter is not None:
            self._meter.keep()

    def _send(self) -> None:
        if self._meter is not None:
            self._meter.flush(seconds=SECONDS, only_if_due=True)

    def _at_exit(self) -> None:
        """Where close() was not called: write all rows to disk, for the next run."""
        if self._meter is not None and not self._closed:
            self._meter.close()

    def _watch_forks(self) -> None:
        """A fork handler cannot be removed, so it holds no reference that would keep a client alive."""
        reference = weakref.ref(self)

        def after_fork() -> None:
            client = reference()
            if client is not None and not client._closed:
                client._after_fork()

        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=after_fork)

    def _after_fork(self) -> None:
        """In the child: start at zero, because the parent reports the rows that it counted."""
        if self._meter is None:
            return
        self._meter.forget()
        self._account.forget()
        self._begin(self._account)

    def __repr__(self) -> str:
        state = "closed" if self._closed else "reporting" if self.is_reporting else "licensed"
        return f"<UsageClient {self._meta} for team {self._team!r}, {state}>"


def _installation_id() -> str | None:
    """The id of a hosted installation; None for a wrong one, with which the server refuses requests."""
    value = os.environ.get(INSTALLATION_ID)
    if not value:
        return None
    if not wire.is_installation_id(value):
        logger.warning("%s is not 64 lower-case letters and digits: left out", INSTALLATION_ID)
        return None
    return value
