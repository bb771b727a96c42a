"""A folder of installed packages, laid out as an installer leaves it: files, and RECORD with their hashes."""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path


def lay_out(
    site: Path,
    name: str,
    version: str,
    files: dict[str, str],
    *,
    installer: str = "pip",
    direct_url: str | None = None,
    requires: Iterable[str] = (),
) -> Path:
    """Install a distribution by hand.

    Args:
        site: The folder, whose name should be `site-packages`.
        name: Its name, as its `*.dist-info` folder spells it.
        version: Its version.
        files: The text of each file by its path.
        installer: The content of INSTALLER.
        direct_url: The content of `direct_url.json`.
        requires: The names of the distributions that it requires.

    Returns:
        The `*.dist-info` folder.
    """
    lines = []
    for path, text in files.items():
        file = site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        lines.append(f"{path},sha256={digest},{len(text.encode())}\n")
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "INSTALLER").write_text(installer + "\n")
    if direct_url is not None:
        (info / "direct_url.json").write_text(direct_url)
    needed = "".join(f"Requires-Dist: {each}\n" for each in requires)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}\n")
    (info / "RECORD").write_text("".join(lines) + f"{info.name}/RECORD,,\n")
    return info
