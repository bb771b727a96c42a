"""Reports that no disk took, in memory: sent at once, and tried again at the end of the process.

At the end the disk may have room again. Then such a report becomes a file like every other, and the next run
sends it where this process no longer can.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from crashguard.config import Config
    from crashguard.telemetry_level import TelemetryLevel


class Unsaved:
    """One report in memory.

    Args:
        seconds: When it was recorded, in seconds since 1970.
        dsn: Its destination; None where it stays on this machine.
        seal: Makes its envelope, with the count of this moment.
        keep: Writes it into the spool; whether it could.
        over: Is called when it is sent, refused or kept.
    """

    __slots__ = ("dsn", "keep", "over", "seal", "seconds")

    def __init__(
        self,
        seconds: float,
        dsn: str | None,
        seal: "Callable[[], bytes]",
        keep: "Callable[[], bool]",
        over: "Callable[[], None]",
    ) -> None:
        self.seconds = seconds
        self.dsn = dsn
        self.seal = seal
        self.keep = keep
        self.over = over


class Memory:
    """The reports in memory of this process. Several threads may ask at once: each report is taken by one."""

    __slots__ = ("_all", "_taken")

    def __init__(self) -> None:
        self._all: list[Unsaved] = []
        self._taken: list[Unsaved] = []  # being sent by a thread

    def __bool__(self) -> bool:
        return bool(self._all or self._taken)

    @property
    def waits(self) -> bool:
        """Whether one of them is to be sent."""
        return any(report.dsn is not None for report in [*self._all, *self._taken])

    def add(self, report: Unsaved) -> None:
        """Hold a report."""
        self._all.append(report)

    def keep(self, config: "Config") -> bool:
        """Write what is held into the spool, as far as there is room; whether something is there now."""
        return self._each(config, lambda report: report.keep())

    def send(self, config: "Config", seconds: float) -> None:
        """Send what is held and may leave; what gets no answer is held on.

        Args:
            config: The settings, which know the telemetry level of this moment.
            seconds: The time limit of each attempt.
        """
        from crashguard.transport import http, sentry

        def send(report: Unsaved) -> bool:
            def still() -> bool:
                return not _is_refused(config, config.level_now(), report)

            if report.dsn is None:
                return False
            outcome = sentry.send(report.seal(), report.dsn, seconds=seconds, still=still)
            return outcome.kind not in (http.RETRY, http.WITHDRAWN)

        self._each(config, send)

    def _each(self, config: "Config", do: "Callable[[Unsaved], bool]") -> bool:
        """Do something with each report, and hold on to those with which it failed; whether one is done."""
        is_any = False
        for _ in range(len(self._all)):
            try:
                report = self._all.pop(0)
            except IndexError:
                break  # another thread was quicker
            self._taken.append(report)
            is_over = False
            try:
                level = config.level_now()
                if level.problem is None:
                    is_over = _is_refused(config, level, report) or do(report)
                    is_any = is_any or is_over
                    if is_over:
                        report.over()
            finally:
                if not is_over:
                    self._all.append(report)
                self._taken.remove(report)
        return is_any


def _is_refused(config: "Config", level: "TelemetryLevel", report: Unsaved) -> bool:
    """Whether a no has come since a report was recorded, though a yes may have followed it."""
    from crashguard import policy
    from crashguard.consent import choices

    reason = policy.why_not(
        "errors",
        level,
        version=config.version,
        destination=True,
        moment=report.seconds,
        refused_until=choices.refused_until(config.app, "errors", config.level.source),
    )
    return reason is not None
