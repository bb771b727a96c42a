"""What earlier runs left: what the telemetry level forbids is deleted, and the rest is sent."""

from crashguard import recovery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.client import Client
    from crashguard.config import Config
    from crashguard.telemetry_level import TelemetryLevel


def tend(client: "Client", config: "Config") -> None:
    """Handle what earlier runs left.

    Args:
        client: The client of this process.
        config: The settings. Their telemetry level is a decision of the user's, or the default.
    """
    client.left = withdraw(config, config.level)
    if client.due is None:
        resume(client, config)


def resume(client: "Client", config: "Config") -> None:
    """Have sent what earlier runs left: at once, or after the first-use notice."""
    left, client.left = client.left, []
    if left:
        client.dispatcher(config).resume(left)


def withdraw(config: "Config", level: "TelemetryLevel") -> list[str]:
    """Delete what waits to be sent and may not any more; return what else is to be done: `recovery.pending`.

    Args:
        config: The settings.
        level: The telemetry level of this moment. One that cannot be read deletes nothing.

    Raises:
        OSError: The spool cannot be written.
    """
    left = recovery.pending(config.spool)
    if level.problem is not None:
        return left
    keep_verdict = config.named.get("markers") is True
    if not level.sends_errors and (
        recovery.REPORTS in left or recovery.tells_of_runs(config.spool, also_verdict=not keep_verdict)
    ):
        from crashguard.recovery import recover
        from crashguard.spool.store import Spool

        spool = Spool(config.spool)
        recover.withdraw(spool, keep_verdict=keep_verdict)
        spool.forget()
        left = [what for what in left if what != recovery.REPORTS]
    if not level.sends_stats and recovery.STATS in left:
        from crashguard.spool import stats_store

        stats_store.withdraw(config.spool)
        left = [what for what in left if what != recovery.STATS]
    return left
