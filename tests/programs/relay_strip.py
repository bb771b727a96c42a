"""Sentry's own data scrubber with a server's defaults, over events: run with an interpreter that has sentry-relay.

Reads a JSON list of events on stdin, writes for each what the scrubber would still change.
"""

import json
import sys

from sentry_relay.processing import convert_datascrubbing_config, pii_strip_event

DEFAULTS = {
    "scrubData": True,
    "scrubDefaults": True,
    "scrubIpAddresses": True,
    "sensitiveFields": [],
    "excludeFields": [],
}


def changed(meta, path=""):
    for key, value in (meta or {}).items():
        if key == "":
            yield f"{path}: {value}"
        elif isinstance(value, dict):
            yield from changed(value, f"{path}.{key}")


config = convert_datascrubbing_config(DEFAULTS)
print(
    json.dumps([list(changed(pii_strip_event(config, event).get("_meta"))) for event in json.load(sys.stdin)])
)
