"""The order in which a crash becomes a report: claim -> describe -> scrub -> seal -> keep -> enqueue.

A hook has written the minimal record before it calls this module.
"""

import time

from crashguard import files, minimal_record, paths, policy, scrub, telemetry_level
from crashguard.config import stricter_messages
from crashguard.program import Program, search_path
from crashguard.registry import Claim, Crash
from crashguard.registry.records import Record, sealed
from crashguard.report import event, exceptions, fingerprint
from crashguard.report.origins import Origins, plugin_of
from crashguard.scrub import private
from crashguard.spool import rate_limit
from crashguard.spool.store import Spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from crashguard.client import Client
    from crashguard.config import Config
    from crashguard.program.distributions import Distributions
    from crashguard.registry import Registry
    from crashguard.report.exceptions import Found
    from crashguard.report.fingerprint import Bug

files.keep_builtins(__name__)

# Reports of one exception group: a report for each different bug in it, because a server files a report under
# one issue. What is beyond is in the first report, and gets its own when it is raised in another company.
MOST_MEMBERS = 10

ENDING = ("excepthook", "atexit")  # mechanisms after which the process ends
_COUNT_AT_ONCE, _COUNT_EVERY = 16, 1.0  # occurrences; from then on seconds


def report(
    client: "Client", crash: Crash, *, claimed: Claim | None = None, minimal_path: str | None = None
) -> Record | None:
    """Make sure that a crash is on record, once.

    Args:
        client: The client of this process.
        crash: The crash.
        claimed: The claim on it, where the caller has made one.
        minimal_path: The path of the minimal record, if there is one: the report replaces it.

    Returns:
        The record, also of a crash that was recorded before; None where nothing is recorded.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed meanwhile. No other exception leaves this function.
    """
    config = _config_of(client)
    if config is None:
        return None
    made = None
    try:
        registry = client.make_registry()
        claimed = _lasting(registry, config, crash, claimed or _claim(registry, crash, minimal_path))
        if claimed.is_new:
            made = _make(client, registry, config, crash, claimed)
        elif claimed.record is not None:
            made = claimed.record
            if crash.mechanism not in ENDING:
                _count(client, registry, config, made)
            elif (made := registry.await_outcome(made)) is None:
                raise TimeoutError
    except BaseException as broken:  # whatever failed: record at least that there was a crash
        if minimal_path is None and client.captured is None and (claimed is None or claimed.is_lost):
            _write_minimal(client, crash)
        if issubclass(type(broken), KeyboardInterrupt):
            raise
        made = _kept(claimed)
        if claimed is None or made is None:
            return None
    if made is not None and made is claimed.record and made.unsaved:
        # No disk takes the report: until it is sent from memory, the minimal record is all there is.
        made.minimal_path = minimal_path or made.minimal_path
    elif minimal_path is not None:
        client.spare.forget(minimal_path)
    return made


def _lasting(registry: "Registry", config: "Config", crash: Crash, claimed: Claim) -> Claim:
    """The claim on what ends the program: a new one, if it was survived and is a mere repetition so far."""
    record = claimed.record
    if record is None or record.event.get("level") != "error" or crash.level != "fatal":
        return claimed
    if record.kept_because in policy.REPETITIONS:
        return _claim(registry, crash, None, anew=True)
    from crashguard.registry import survived

    survived.end(record, config, crash.mechanism)
    return claimed


def _claim(registry: "Registry", crash: Crash, minimal_path: str | None, *, anew: bool = False) -> Claim:
    return registry.claim(
        crash.exc,
        crash.grouping,
        event_id=minimal_record.id_of(minimal_path),
        handled=crash.handled,
        mechanism=crash.mechanism,
        level=crash.level,
        anew=anew,
    )


def _config_of(client: "Client") -> "Config | None":
    """The settings, where they allow a report; a parent process may have heard a no."""
    config = client.config
    if config is not None and config.parents:
        config.hear()
    return config if config is not None and config.level.sends_errors else None


def _kept(claimed: Claim | None) -> Record | None:
    """The record of a claim whose report is on disk already."""
    record = None if claimed is None else claimed.record
    return record if record is not None and record.path else None


def enqueue(client: "Client", record: Record, *, dying: bool) -> None:
    """Have a report sent, if it may leave, and give it to the host's `on_report`. Never raises."""
    config = client.config
    if config is None:
        return
    if client.captured is None and (record.kept_because is None or record.unsaved):
        if record.kept_because is None:
            client.say_due(leaves=not dying)  # of the crash that ends the program the note tells
        _enqueue(client, config, record, dying=dying)
    if config.on_report is not None and record.event and not record.told:
        from crashguard.report.on_report import tell

        record.told = True
        tell(record.event, record.path or None, config)


def _enqueue(client: "Client", config: "Config", record: Record, *, dying: bool) -> None:
    if record.enqueued and not dying:
        return  # the dispatcher has it already; at the end it may still be on its way there
    if record.path:
        first, record.enqueued = not record.enqueued, True
        if first and client.registry is not None:
            client.registry.write_count(record, config)  # of threads that met it while its report was made
        client.dispatcher(config).enqueue(dying=dying)
    elif record.unsaved and not record.enqueued:
        record.enqueued = True
        _enqueue_unsaved(client, config, record, dying=dying)


def _enqueue_unsaved(client: "Client", config: "Config", record: Record, *, dying: bool) -> None:
    """Have a report sent from memory, because no disk took it."""
    from crashguard.transport.unsaved import Unsaved

    def keep() -> bool:
        record.unsaved = False
        _keep(config, record, sealed(record, config.dsn))
        return not record.unsaved

    def over() -> None:
        if record.minimal_path is not None:
            client.spare.forget(record.minimal_path)

    dsn = config.dsn if record.kept_because is None else None
    unsaved = Unsaved(record.seconds, dsn, lambda: sealed(record, config.dsn), keep, over)
    client.dispatcher(config).enqueue_unsaved(unsaved, dying=dying)


def _count(client: "Client", registry: "Registry", config: "Config", record: Record) -> None:
    """In a program that goes on, write now and then how often a crash happened: its end may be a SIGKILL."""
    is_kept = record.kept_because is not None
    is_time = record.occurrences <= _COUNT_AT_ONCE or time.monotonic() - record.counted > _COUNT_EVERY
    if client.captured is None and (is_kept or record.enqueued) and is_time:
        registry.write_count(record, config, apart=not is_kept)


def _make(
    client: "Client", registry: "Registry", config: "Config", crash: Crash, claimed: Claim
) -> Record | None:
    """Make the report of a crash, and of each further bug in an exception group; return the first record."""
    record = claimed.record
    if record is None:
        return None
    made: Record | None = None
    others: list[Record] = []
    try:
        now = config.level_now()  # a no may have been saved since the start
        config.is_unread = now.problem is not None  # whoever sends asks again
        if not config.is_unread:
            config.level = now
        if not config.level.sends_errors:
            return None
        crash.messages = stricter_messages(crash.messages, config.messages)
        raised = claimed.found[0]
        crash.plugin = crash.plugin or config.plugin or plugin_of(raised.traceback, client.known_plugins())
        origins = origins_of(client)
        made = _of_worker(client, config, claimed, claimed.found, origins)
        if made is not None:
            return made
        bugs = registry.new_bugs(
            fingerprint.bugs_of(
                crash.exc,
                origins,
                raised.traceback,
                stopped=crash.mechanism in ("guard", "capture"),
                is_over=registry.is_over,
            )
        )
        reported = {}  # members of a group that come from workers, which have made their reports
        for bug in bugs if exceptions.is_group(crash.exc) else ():
            found = list(exceptions.tree(bug.exc))
            of_worker = _of_worker(client, config, claimed, found, origins)
            if of_worker is not None:
                reported[id(bug)] = made = of_worker
                registry.remember(bug.exc, of_worker, handled=crash.handled)
        bugs = [bug for bug in bugs if id(bug) not in reported]
        if not bugs:
            return made
        made = _report_of(client, crash, record, bugs[0], found=claimed.found, origins=origins)
        for number, bug in enumerate(bugs[1:MOST_MEMBERS], start=1):
            found = list(exceptions.tree(bug.exc))
            # Some 10 ms before the whole group, whose report the note names: that is the last one.
            other = Record(minimal_record.new_id(), record.seconds - number / 100)
            one = _report_of(client, crash, other, bug, found=found, origins=origins, raised=claimed.found)
            registry.remember(bug.exc, one, handled=crash.handled)
            others.append(one)
    finally:
        if made is None and record.path:
            made = record  # Ctrl-C, a moment after it was kept
        registry.finish_claim(claimed, crash.exc, made, others)
    return made


def _report_of(
    client: "Client",
    crash: Crash,
    record: Record,
    bug: "Bug",
    *,
    found: "Sequence[Found]",
    origins: Origins,
    raised: "Sequence[Found] | None" = None,
) -> Record:
    """Describe, scrub, seal and keep; return the record, or that of an earlier crash of the same group.

    `found` is what the report tells of. It is a part of what was `raised`, where a group has several bugs.
    """
    config, registry = client.config, client.registry
    assert config is not None and registry is not None  # noqa: S101, PT018 (report() has looked)
    done = False
    record.plugin = f"{crash.plugin.team}/{crash.plugin.name}" if crash.plugin is not None else ""
    try:
        bug.fingerprint += crash.grouping
        group = fatal = fingerprint.group_of(bug.fingerprint, config.release, "fatal")
        if crash.level != "fatal":
            group = fingerprint.group_of(bug.fingerprint, config.release, crash.level)
        if (first := registry.in_group(record, group, fatal)) is not record:
            done = True
            return first
        described = _describe(client, crash, record, bug, found=found, origins=origins, raised=raised)
        record.kept_because = _why_kept(client, config, crash, record)
        if record.kept_because is not None and client.captured is None:
            described["contexts"]["crashguard"]["kept_because"] = record.kept_because
        elif client.captured is None and (count := rate_limit.take_suppressed(config.spool, record.group)):
            described["contexts"]["crashguard"]["held_back"] = count
        data = _sealed(config, crash, origins, found, record, described=described)
        if client.captured is None:
            _keep(config, record, data)
        else:
            client.captured.append(record.event)
        done = True
        return record
    finally:
        if not done and not record.path:
            registry.leave_group(record)


def _of_worker(
    client: "Client", config: "Config", claimed: Claim, found: "Sequence[Found]", origins: Origins
) -> Record | None:
    """The record of the worker process that made the report, where the exception came from a worker."""
    registry = client.registry
    assert registry is not None  # noqa: S101 (report() has made one)
    if client.captured is not None or not any(map(exceptions.elsewhere, [each.exc for each in found])):
        return None
    from crashguard.registry import workers

    for report in workers.reports_of(found, origins, config.spool, client.began):
        claimed.is_lasting = report.occurrences >= _COUNT_AT_ONCE  # from there on they are written later
        made = registry.of_worker(report, all_of_them=claimed.is_lasting)
        if made is not None:
            return made
    return None


def _describe(
    client: "Client",
    crash: Crash,
    record: Record,
    bug: "Bug",
    *,
    found: "Sequence[Found]",
    origins: Origins,
    raised: "Sequence[Found] | None",
) -> "dict[str, Any]":
    config = client.config
    assert config is not None  # noqa: S101 (report() has looked)
    return event.describe(
        found,
        bug=bug,
        event_id=record.event_id,
        timestamp=int(record.seconds),
        release=config.release,
        environment=config.environment,
        origins=origins,
        plugin=crash.plugin,
        tags=crash.tags,
        mechanism=crash.mechanism,
        handled=crash.handled,
        level=crash.level,
        messages=crash.messages or config.messages,
        telemetry_level=config.level.value,
        source=config.level.source,
        run_id=config.run_id,
        arguments=client.arguments,
        read=_read,
        since=client.began,
        source_lines=config.source_lines,
        raised=raised,
    )


def _read(path: str, most: int) -> bytes:
    """Read a file of the program's installation; some installers make links."""
    return files.read(path, most, links=True)


def origins_of(client: "Client") -> Origins:
    """Whose code a frame runs, as far as this process knows."""
    program = client.program or Program()

    def distributions() -> "Distributions":
        from crashguard.program.distributions import Distributions

        return Distributions(program, search_path())

    return Origins(program, client.known_plugins(), distributions)


def _why_kept(client: "Client", config: "Config", crash: Crash, record: Record) -> str | None:
    """The reason why the report stays on the machine; None if it may leave."""
    reason = policy.why_not(
        "errors", config.level, version=config.version, plugin=crash.plugin, destination=config.dsn
    )
    if reason is None and client.captured is None:
        reason = rate_limit.why_not(config.spool, record.group, record.seconds)
        if reason is not None:
            rate_limit.suppress(config.spool, record.group)
    return reason


def _sealed(
    config: "Config",
    crash: Crash,
    origins: Origins,
    found: "Sequence[Found]",
    record: Record,
    *,
    described: "dict[str, Any]",
) -> bytes:
    """The scrubbed event as bytes. The tripwire looks for private texts in these bytes, last of all."""
    scrubber = scrub.Scrubber.of_crash(
        exceptions.raised_of(found),
        origins.is_known,
        needles=config.needles,
        rules=config.rules,
        messages=crash.messages or config.messages,
        vocabulary=config.vocabulary if crash.vocabulary is None else crash.vocabulary,
        read=_read,
        elsewhere=_elsewhere(found),
        own=private.own_names(described),
        is_own=origins.is_own,
    )
    record.event = scrubber.event(described)
    data = sealed(record, config.dsn)
    _, _, sent = data.partition(b"\n")  # the first line is the envelope's header, which holds the DSN
    if scrubber.leaks(sent):
        for value in record.event["exception"]["values"]:
            value["value"] = "[withheld: it still held something private after scrubbing]"
        record.event["contexts"]["crashguard"]["tripwire"] = True
        data = sealed(record, config.dsn)
    return data


def _elsewhere(found: "Sequence[Found]") -> "list[list[Any]]":
    """The code that failed in workers, for each exception that came from one."""
    printed = [each.printed for each in map(exceptions.elsewhere, (each.exc for each in found)) if each]
    if not printed:
        return []
    from crashguard.report import loaded_code

    return [loaded_code.called(text) for text in printed]


def _keep(config: "Config", record: Record, data: bytes) -> None:
    state = paths.WAITING if record.kept_because is None else paths.LOCAL
    about = (record.event_id, record.group, int(record.seconds * 1000), state)
    spool = Spool(config.spool)
    try:
        try:
            record.path = spool.keep(data, *about)
        except PermissionError:
            own = paths.spool_dir(config.app)
            if own == config.spool:
                raise
            config.spool = own  # this process became another user, who has a folder of their own
            spool = Spool(own)
            record.path = spool.keep(data, *about)
    except OSError:
        record.unsaved = True  # full or read-only disk: it is in memory, and sent from there
        return
    spool.set_metadata(telemetry_level.describe(config.variables, config.default_level))
    spool.set_issue_url(config.issue_url)
    spool.limit(state)
    spool.limit(paths.RECORDING)


def _write_minimal(client: "Client", crash: Crash) -> None:
    prepared, exc, local = client.prepared, crash.exc, client.local_only
    if prepared is not None:
        tb = exceptions.traceback_of(exc)
        minimal_record.write(prepared, crash.mechanism, exc, tb, goes_on=crash.goes_on, local_only=local)
