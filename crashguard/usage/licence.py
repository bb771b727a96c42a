"""Offline licences: signed files of customers who pay in another way, so that no usage is reported.

A file is JSON, `{"license": base64 of JSON, "signature": hex}`; the signature is ed25519 over the decoded
bytes. These hold licensed_to, plugins (`team/kind/name` or `team/*`; none means all), issued_at, valid_from
and expires_at. A folder is searched for `*.cqlicense`. Source: CloudQuery's plugin-sdk, premium/offline.go.

One difference: in the Go SDK the first faulty file of a folder ends the search, so that an expired licence
hides a valid one. Here one valid file is enough.
"""

import base64
import json
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs

from crashguard.plugin import Plugin
from crashguard.usage.errors import LicenceError

logger = logging.getLogger("crashguard.usage")

# CloudQuery's public key (premium/offline.key).
CLOUDQUERY_KEY = "fd81a64351452e0ada99c05c7e44bdf104cc583eb3ed44bf5545fe82b2f0a615"
_SUFFIX = ".cqlicense"
_MOST_BYTES = 1 << 20
_SOON = timedelta(days=15)


@attrs.frozen
class Licence:
    """What a licence grants.

    Attributes:
        licensed_to: The customer's name.
        plugins: `team/kind/name` or `team/*`; empty means all.
        valid_from: The first moment it holds.
        expires_at: The last.
    """

    licensed_to: str
    plugins: tuple[str, ...]
    valid_from: datetime
    expires_at: datetime

    def covers(self, plugin: Plugin) -> bool:
        """Whether it is for this plugin."""
        names = {f"{plugin.team}/{plugin.kind}/{plugin.name}", f"{plugin.team}/*"}
        return not self.plugins or bool(names & set(self.plugins))


def valid_licence(
    path: str | os.PathLike[str], plugin: Plugin, *, key: str = CLOUDQUERY_KEY, now: datetime | None = None
) -> Licence | None:
    """The licence that holds for a plugin now; None if all there are for other plugins.

    Args:
        path: A licence file, or a folder of them.
        plugin: Which plugin.
        key: The vendor's public key, 64 hexadecimal digits.
        now: The time, UTC; None for the clock's.

    Raises:
        LicenceError: There is none that can be read, or one for this plugin that does not hold.
    """
    now = now or datetime.now(UTC)
    fault: LicenceError | None = None
    for file in _files(Path(path)):
        try:
            licence = _read(file, key)
            if licence.covers(plugin):
                _check_dates(licence, file, now)
                return licence
        except LicenceError as error:
            fault = fault or error
    if fault is not None:
        raise fault
    return None


def _files(path: Path) -> list[Path]:
    try:
        found = sorted(path.glob(f"*{_SUFFIX}")) if path.is_dir() else [path]
    except OSError as error:
        raise LicenceError(f"licence {path} cannot be read: {error.strerror}") from None
    if not found:
        raise LicenceError(f"licence: there is no *{_SUFFIX} in {path}")
    return found


def _read(path: Path, key: str) -> Licence:
    try:
        with path.open("rb") as file:
            wrapper = json.loads(file.read(_MOST_BYTES))
        content = base64.b64decode(wrapper["license"], validate=True)
        signature = bytes.fromhex(wrapper["signature"])
    except OSError as error:
        raise LicenceError(f"licence {path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise LicenceError(f"licence {path} is not a licence file: ask its issuer for a new copy") from None
    _verify(content, signature, key, path)
    try:
        fields = json.loads(content)
        plugins = fields.get("plugins") or []
        if not isinstance(plugins, list) or not all(isinstance(name, str) for name in plugins):
            raise ValueError("plugins is no list of names")
        return Licence(
            str(fields["licensed_to"]),
            tuple(plugins),
            _moment(fields["valid_from"]),
            _moment(fields["expires_at"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise LicenceError(
            f"licence {path} is signed, but not in a form that is known here: update crashguard"
        ) from None


def _moment(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment


def _verify(content: bytes, signature: bytes, key: str, path: Path) -> None:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise LicenceError(
            f"licence {path} cannot be checked: pip install 'crashguard[usage-offline]' first"
        ) from None
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    except ValueError:
        raise LicenceError(
            "licence key: give the vendor's ed25519 public key as 64 hexadecimal digits"
        ) from None
    try:
        public.verify(signature, content)
    except InvalidSignature:
        raise LicenceError(
            f"licence {path} is not signed by the vendor, or was changed: ask for a new copy"
        ) from None


def _check_dates(licence: Licence, path: Path, now: datetime) -> None:
    if now < licence.valid_from:
        raise LicenceError(f"licence {path} is valid from {licence.valid_from:%Y-%m-%d %H:%M %Z} on, not yet")
    if now > licence.expires_at:
        raise LicenceError(f"licence {path} expired on {licence.expires_at:%Y-%m-%d}: ask for a new one")
    if now + _SOON > licence.expires_at:
        logger.warning("licence %s expires on %s: ask for a new one", path, f"{licence.expires_at:%Y-%m-%d}")
