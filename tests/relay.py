"""What Sentry itself would find wrong with events, and where it would cut: asked of Relay, its ingestion code.

    python relay.py ENVELOPE ...        run with an interpreter that has sentry-relay

Prints a list of texts as JSON for all files together: empty where nothing is wrong. Relay refuses no event. It
drops what it cannot read and lists it in `errors`; what it shortens has a `len` in `_meta`.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from sentry_relay.processing import StoreNormalizer, parse_release

# As a Sentry server sets them.
_LIMITS = {
    "project_id": 1,
    "protocol_version": "7",
    "max_secs_in_past": 30 * 24 * 3600,
    "max_secs_in_future": 60,
    "enable_trimming": True,
    "remove_other": True,
    "is_renormalize": False,
}


def problems(event: dict[str, Any]) -> Iterator[str]:
    """What Relay says about one event."""
    stored = StoreNormalizer(client="crashguard", **_LIMITS).normalize_event(dict(event))
    for error in stored.get("errors") or ():
        yield f"error: {error}"
    yield from _cuts(stored.get("_meta") or {}, "")
    try:
        parse_release(event["release"])
    except Exception as error:  # noqa: BLE001 (the bindings make a class for every fault)
        yield f"release {event['release']!r}: {str(error).splitlines()[0]}"


def _cuts(meta: dict[str, Any], path: str) -> Iterator[str]:
    for key, value in meta.items():
        if key == "":
            yield f"changed: {path.lstrip('.')}: {value}"
        elif isinstance(value, dict):
            yield from _cuts(value, f"{path}.{key}")


def main(paths: list[str]) -> None:
    found = []
    for path in paths:
        with open(path, "rb") as file:
            _, item, event = file.read().split(b"\n")[:3]
        if json.loads(item)["length"] != len(event):
            found.append("the item's length is not that of the event")
        found += problems(json.loads(event))
    print(json.dumps(found))  # noqa: T201 (this is its answer)


if __name__ == "__main__":
    main(sys.argv[1:])
