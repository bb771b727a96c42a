"""The order in which a crash becomes a report: claim -> describe -> scrub -> seal -> keep -> enqueue.

(The minimal record comes first: a hook has written it before it calls this file.)
"""

import atexit
import os

from crashguard import client as clients
from crashguard import files, paths, policy, scrub
from crashguard.recovery import minimal_record
from crashguard.registry import Claim, Record, Registry
from crashguard.report import envelope, event, exceptions, fingerprint
from crashguard.report.origins import Origins
from crashguard.spool import rate_limit
from crashguard.spool.store import Spool
from crashguard.transport import dispatch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from crashguard.client import Client
    from crashguard.config import Config
    from crashguard.plugin import Plugin
    from crashguard.report.exceptions import Found


def registry_of(client: "Client") -> Registry:
    """The registry of this process; the first crash makes it."""
    if client.registry is None:
        client.registry = Registry()
        atexit.unregister(_write_counts)
        atexit.register(_write_counts)
    return client.registry


def report(
    client: "Client",
    exc: BaseException,
    *,
    mechanism: str,
    handled: bool,
    goes_on: bool = False,
    plugin: "Plugin | None" = None,
    tags: "Mapping[str, str] | None" = None,
    grouping: tuple[str, ...] = (),
    claimed: Claim | None = None,
    minimal_path: str | None = None,
) -> Record | None:
    """Make sure that a crash is on record, once.

    Args:
        client: The client of this process.
        exc: The exception.
        mechanism: What caught it: `excepthook`, `threading`, `guard`, `capture`.
        handled: Whether the program handles it.
        goes_on: Whether the program goes on after an exception that nothing handled.
        plugin: The plugin it came out of, where a guard knows.
        tags: What else is known about where it happened (`crashguard.report.event.TAGS`).
        grouping: What tells this bug from others beside its type and frames, where it has none.
        claimed: The claim, where it is made already.
        minimal_path: The minimal record, if there is one: the report takes its place.

    Returns:
        The record, also of a crash that was recorded before; None where nothing is recorded.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed meanwhile. Nothing else is raised, whatever breaks.
    """
    config = client.config
    if config is None or not config.level.sends_errors:
        return None
    made = None
    try:
        claimed = claimed or registry_of(client).claim(
            exc, grouping, event_id=minimal_record.id_of(minimal_path)
        )
        if not claimed.is_new:
            made = _seen_before(client, config, claimed.record)
        else:
            made = _Job(
                client,
                config,
                exc,
                claimed,
                mechanism=mechanism,
                handled=handled,
                goes_on=goes_on,
                plugin=plugin,
                tags=tags or {},
                grouping=grouping,
            ).run()
    except BaseException as broken:  # whatever broke: say at least that there was a crash
        if minimal_path is None and client.captured is None and _is_lost(claimed):
            _write_minimal(client, exc, mechanism, goes_on=goes_on)
        if issubclass(type(broken), KeyboardInterrupt):
            raise
        return None
    # What could not be kept may still be sent from memory; if not, the minimal record is what there is.
    if minimal_path is not None and not (made is not None and made is claimed.record and made.unsaved):
        files.remove(minimal_path)
    return made


def enqueue(client: "Client", record: Record, *, dying: bool) -> None:
    """See to it that a record is sent, if it may be. Never raises."""
    config = client.config
    if config is None or client.captured is not None or record.kept_because is not None:
        return
    if record.enqueued and (not dying or dispatch.method(config) == "background"):
        return  # whoever took it the first time sees to it
    if record.path:
        record.enqueued = True
        dispatcher_of(client).enqueue(dying=dying)
    elif dying and record.unsaved is not None and config.dsn is not None and config.delivery != "deferred":
        record.enqueued = True
        dispatch.send_unsaved(record.unsaved, config.dsn)


def dispatcher_of(client: "Client") -> dispatch.Dispatcher:
    """The dispatcher of this process, for the settings of the last install()."""
    if client.config is None:
        raise RuntimeError("nothing is installed")
    if client.dispatcher is None:
        client.dispatcher = dispatch.Dispatcher(client.config)
    client.dispatcher.config = client.config
    return client.dispatcher


class _Job:
    """One report in the making."""

    def __init__(
        self,
        client: "Client",
        config: "Config",
        exc: BaseException,
        claimed: Claim,
        *,
        mechanism: str,
        handled: bool,
        goes_on: bool,
        plugin: "Plugin | None",
        tags: "Mapping[str, str]",
        grouping: tuple[str, ...],
    ) -> None:
        self.client = client
        self.config = config
        self.registry = registry_of(client)
        self.exc = exc
        self.claimed = claimed
        self.mechanism = mechanism
        self.handled = handled
        self.goes_on = goes_on
        self.plugin = plugin or config.plugin or _plugin_on(exc, client.plugins)
        self.tags = tags
        self.grouping = grouping

    def run(self) -> Record | None:
        """Describe, scrub, seal, keep; the record, or that of an earlier crash of the same group."""
        record = self.claimed.record
        assert record is not None  # noqa: S101 (a claim that is new has one)
        made: Record | None = None
        try:
            found = list(exceptions.tree(self.exc))
            described = self._describe(record, found)
            group = fingerprint.digest([*described["fingerprint"], self.config.release])
            made = self.registry.in_group(record, group)
            if made is not record:
                _write_count(self.client, made)
                return made
            made = None
            record.kept_because = self._why_kept(record, described)
            self._keep(record, described, found)
            made = record
        finally:
            if made is None and record.path:
                made = record  # Ctrl-C, a moment after it was kept
            if made is None:
                self.registry.leave_group(record)
            self.registry.settle(self.claimed, self.exc, made)
        return made

    def _describe(self, record: Record, found: "Sequence[Found]") -> "dict[str, Any]":
        config = self.config
        described = event.describe(
            found,
            event_id=record.event_id,
            timestamp=round(record.seconds, 3),
            release=config.release,
            environment=config.environment,
            origins=Origins(config.packages, self.client.plugins),
            plugin=self.plugin,
            tags=self.tags,
            mechanism=self.mechanism,
            handled=self.handled,
            goes_on=self.goes_on,
            messages=config.messages == "scrubbed",
            telemetry_level=config.level.value,
            source=config.level.source,
            run_id=config.run_id,
        )
        described["fingerprint"] += self.grouping
        return described

    def _why_kept(self, record: Record, described: "dict[str, Any]") -> str | None:
        """Why the report stays on the machine; where it may leave, it tells how many like it did not."""
        config = self.config
        if self.plugin is not None:
            record.plugin = f"{self.plugin.team}/{self.plugin.name}"
        reason = policy.why_not(
            "errors", config.level, version=config.version, plugin=self.plugin, destination=config.dsn
        )
        if reason is None and self.client.captured is None:
            reason = rate_limit.why_not(config.spool, record.group, record.seconds)
            if reason is not None:
                rate_limit.suppress(config.spool, record.group)
            elif suppressed := rate_limit.take_suppressed(config.spool, record.group):
                described["contexts"]["crashguard"]["held_back"] = suppressed
        if reason is not None and self.client.captured is None:
            described["contexts"]["crashguard"]["kept_because"] = reason
        return reason

    def _keep(self, record: Record, described: "dict[str, Any]", found: "Sequence[Found]") -> None:
        """Scrub and seal; last of all, the bytes are looked at once more. Then write them."""
        config = self.config
        private = {**scrub.of_environment(os.environ), **scrub.of_machine()}
        for each in found:
            tb = exceptions.traceback_of(each.exc)
            if tb is not None and each.source != exceptions.CUT:
                private.update(scrub.of_traceback(tb))
        private.update(dict.fromkeys(config.needles, "private"))
        scrubber = scrub.Scrubber(needles=private, rules=config.rules)
        record.event = scrubber.event(described)
        data = _sealed(record, config.dsn)
        if scrubber.leaks(data):
            for value in record.event["exception"]["values"]:
                value["value"] = "[withheld: it still held something private after scrubbing]"
            record.event["contexts"]["crashguard"]["tripwire"] = True
            data = _sealed(record, config.dsn)
        if self.client.captured is not None:
            self.client.captured.append(record.event)
            return
        spool = Spool(config.spool)
        state = paths.WAITING if record.kept_because is None else paths.LOCAL
        try:
            record.path = spool.keep(data, record.event_id, record.group, int(record.seconds * 1000), state)
        except OSError:
            record.unsaved = data  # full or read-only disk: it can only be sent from here, or is lost
            return
        spool.set_metadata(config.env_var)
        spool.limit(state)
        spool.limit(paths.RECORDING)


def _sealed(record: Record, dsn: str | None) -> bytes:
    """The envelope; one that is to stay has no destination."""
    return envelope.seal(record.event, dsn if record.kept_because is None else None)


def _seen_before(client: "Client", config: "Config", record: Record | None) -> Record | None:
    """A crash that has its report: count it, and find the file that another process wrote."""
    if record is None:
        return None
    if client.captured is not None:
        _write_count(client, record)
    elif not record.path and not record.unsaved and record.enqueued:
        for state in (paths.WAITING, paths.LOCAL):
            folder = os.path.join(config.spool, state)
            for name in files.names(folder):
                if f"-{record.event_id}." in name:
                    record.path = os.path.join(folder, name)
                    if state == paths.LOCAL:
                        record.kept_because = policy.why_not(
                            "errors", config.level, version=config.version, destination=config.dsn
                        )
    return record


def _write_counts() -> None:
    """At the end of the process: how often each crash happened, in the reports that are not sent yet."""
    client = clients.current()
    if client.config is None or client.registry is None or client.captured is not None:
        return
    try:
        for record in client.registry.records():
            _write_count(client, record)
        if client.registry.suppressed:
            from crashguard.spool import journal

            reason = (
                f"{client.registry.suppressed} crashes beyond {client.registry.most} groups in one process"
            )
            journal.note(client.config.spool, "held-back", reason=reason)
    except Exception:  # noqa: BLE001, S110 (figures; an exception here would be seen on stderr)
        pass


def _write_count(client: "Client", record: Record) -> None:
    if record.occurrences == record.written or not record.event:
        return  # nothing new, or another thread is still making the report
    record.written = record.occurrences
    record.event["contexts"]["crashguard"]["occurrences"] = record.occurrences
    if client.captured is None and client.config is not None and os.path.exists(record.path):  # not sent yet
        try:
            files.write(record.path, _sealed(record, client.config.dsn), durable=True)
        except OSError:
            pass  # the report stands, with the figure it had


def _is_lost(claimed: Claim | None) -> bool:
    """Whether a crash that could not be reported is on record nowhere else."""
    return claimed is None or (claimed.is_new and claimed.record is not None and not claimed.record.path)


def _write_minimal(client: "Client", exc: BaseException, mechanism: str, *, goes_on: bool) -> None:
    if client.prepared is not None:
        tb = minimal_record.traceback_of(exc)
        minimal_record.write(client.prepared, mechanism, exc, tb, goes_on=goes_on, stays=client.stays)


def _plugin_on(exc: BaseException, plugins: "Sequence[Plugin]") -> "Plugin | None":
    """The guarded plugin whose package the innermost frames run in, where no guard stood in between."""
    known = [plugin for plugin in plugins if plugin.packages]
    found = None
    tb = exceptions.traceback_of(exc) if known else None
    while tb is not None:
        name = tb.tb_frame.f_globals.get("__name__")
        if type(name) is str:
            top = name.partition(".")[0]
            found = next((plugin for plugin in known if top in plugin.packages), found)
        tb = tb.tb_next
    return found
