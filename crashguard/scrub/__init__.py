"""Takes secrets and personal data out of texts and events, and leaves everything else as it was.

    keys, benign, entropy     what a name says about its value; which values are harmless; what looks random
    keyvalue                  name = value in every notation
    vendors, tokens           tokens with an issuer's prefix, and random runs
    places, numbers           URLs, addresses, paths, key files; cards, phones, IP addresses
    needles, literals         what this machine knows to be private; finding it word for word
    marker, rule              `[scrubbed:KIND#2]`; what a rule is
    engine, event             one text; one event

Nothing but `re` is imported, and nothing is compiled that the text gives no reason for: this runs while a process
dies. Must not be known here: disk, network, hooks.
"""

from crashguard.scrub.engine import MAX_CHARS, Engine
from crashguard.scrub.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Literal

__all__ = ["Rule", "Scrubber", "scrub_event", "scrub_text"]


class Scrubber:
    """Scrubs the texts of one report: within it the same secret has the same mark everywhere.

    Args:
        needles: Private texts that are taken out word for word, each with its kind. See `crashguard.scrub.needles`.
        rules: Rules of your own, beside those that are built in.
        messages: "scrubbed" keeps messages without their secrets; "none" leaves out messages, notes and
            breadcrumbs altogether.
        max_chars: A text that is longer is cut, and says so.
    """

    __slots__ = ("_engine", "_messages")

    def __init__(
        self,
        needles: "Mapping[str, str] | None" = None,
        rules: "Iterable[Rule]" = (),
        messages: "Literal['scrubbed', 'none']" = "scrubbed",
        max_chars: int = MAX_CHARS,
    ) -> None:
        self._engine = Engine(needles or {}, rules, max_chars)
        self._messages = messages != "none"

    def text(self, text: str) -> str:
        """The text without secrets. Never raises."""
        return self._engine.text(text)

    def event(self, event: "dict[str, Any]") -> "dict[str, Any]":
        """A scrubbed copy of a Sentry event. Never raises, and leaves its argument alone."""
        from crashguard.scrub.event import Walk

        try:
            walk = Walk(self._engine, self._messages)
            scrubbed: dict[str, Any] = walk.again(walk.event(event))
            return scrubbed
        except Exception:  # noqa: BLE001 (an event that cannot be walked must not pass)
            return _bare(event)

    def leaks(self, data: bytes) -> "list[str]":
        """The tripwire over final bytes: kinds of needles that are still in there, none when all is well."""
        try:
            text = data.decode("utf-8", "replace")
            return sorted({kind for _, _, kind in self._engine.needles.spans(text)})
        except Exception:  # noqa: BLE001 (what cannot be looked through is not known to be clean)
            return ["unreadable"]


def scrub_text(text: str) -> str:
    """A text without secrets and personal data, each replaced by a mark like `[scrubbed:aws-key]`.

    Knows shapes (tokens, keys, URLs with credentials, addresses ...) and this machine's home, user and host.
    Never raises; nothing leaves the machine.

    Args:
        text: Any text; NUL and lone surrogates too. Past 32 million characters it is cut, visibly.
    """
    from crashguard.scrub import needles

    try:
        return Scrubber(needles.of_machine()).text(text)
    except Exception:  # noqa: BLE001 (whatever goes wrong, an unscrubbed text must not pass)
        return "[scrubbed:failed]"


def scrub_event(event: "dict[str, Any]", hint: "dict[str, Any] | None" = None) -> "dict[str, Any]":  # noqa: ARG001
    """A scrubbed copy of a Sentry event; a `before_send` for a sentry-sdk of your own.

    Args:
        event: A Sentry event; it is not changed.
        hint: What sentry-sdk passes along; not used.
    """
    from crashguard.scrub import needles

    try:
        return Scrubber(needles.of_machine()).event(event)
    except Exception:  # noqa: BLE001 (an event that cannot be scrubbed must not pass)
        return _bare(event)


def _bare(event: object) -> "dict[str, Any]":
    """What is left of an event that could not be scrubbed: that it happened."""
    bare: dict[str, Any] = {"tags": {"crashguard.scrub": "failed"}}
    if type(event) is dict:
        for key in ("event_id", "timestamp", "platform", "level", "release"):
            if type(event.get(key)) in (str, int, float):
                bare[key] = event[key]
    return bare
