"""The report as the host's `on_report` gets it, and the call of that function."""

from crashguard.report import markdown, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.config import Config


class Report:
    """One report, scrubbed, as it was written.

    Attributes:
        id: Its id, 32 hexadecimal digits; people use the first eight.
        title: Type and message of the exception, in one line.
        fingerprint: What the bug is known by: the same on every machine and in every release.
        release: `app@version`.
        path: Its file; None where no disk took it.
        event: The Sentry event; `docs/telemetry.md` explains its fields.
    """

    __slots__ = ("event", "fingerprint", "id", "path", "release", "title")

    def __init__(self, event: "dict[str, Any]", path: str | None) -> None:
        self.event = event
        self.path = path
        self.id = str(event["event_id"])
        self.title = markdown.title(event)
        self.fingerprint = tuple(map(str, event.get("fingerprint", ())))
        self.release = str(event.get("release", ""))

    def markdown(self) -> str:
        """The text of an issue, as `crashguard show --markdown` prints it."""
        return markdown.of(self.event)


def tell(event: "dict[str, Any]", path: str | None, config: "Config") -> None:
    """Call the host's function. What it raises is said once, on stderr, and dropped.

    Args:
        event: The scrubbed event.
        path: The report's file; None where no disk took it.
        config: The settings, which have the function.
    """
    on_report = config.on_report
    if on_report is None:
        return
    try:
        on_report(Report(event, path))
    except Exception as error:  # noqa: BLE001 (the host's code may raise anything)
        name = getattr(on_report, "__qualname__", type(on_report).__qualname__)
        config.warn_once(
            f"on_report: {name} raised {type_name(type(error))}; the report {event['event_id'][:8]} stays"
        )
