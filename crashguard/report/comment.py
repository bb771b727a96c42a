"""What a person says about a crash: a part of a report that has not left, or user feedback on one that has.

Sentry's user feedback is an envelope with one item of the type `user_report`. Source: Sentry's developer
documentation, "Envelope Items", "User Report". crashguard knows no name and no e-mail address, so both stay
empty.
"""

from crashguard.report.envelope import dump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST = 4000  # characters: Sentry shows 4,096


def of(event: "dict[str, Any]") -> str:
    """The comment in an event; empty where there is none."""
    about = event.get("contexts", {}).get("crashguard", {})
    text = about.get("comment", "")
    return text if isinstance(text, str) else ""


def add(event: "dict[str, Any]", text: str) -> None:
    """Add a scrubbed comment to an event, below an earlier one.

    Raises:
        ValueError: Both are too long together.
    """
    whole = "\n\n".join(filter(None, (of(event), text)))
    if len(whole) > MOST:
        raise ValueError(f"with what is said already it has more than {MOST:,} characters")
    event.setdefault("contexts", {}).setdefault("crashguard", {})["comment"] = whole


def feedback(event_id: str, text: str, dsn: str) -> bytes:
    """The envelope of a comment on a report that was sent.

    Args:
        event_id: The report's id.
        text: The scrubbed comment.
        dsn: The report's destination.
    """
    said = dump({"event_id": event_id, "name": "", "email": "", "comments": text})
    item = dump({"type": "user_report", "length": len(said), "content_type": "application/json"})
    return b"\n".join((dump({"event_id": event_id, "dsn": dsn}), item, said, b""))
