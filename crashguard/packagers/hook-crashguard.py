"""PyInstaller's hook: modules that are imported by computed names, and the command of a bundle."""

import os

from PyInstaller.utils.hooks import collect_submodules

# `testing` would bring pytest, `integrations` the frameworks. A tool that uses them imports them by name.
_LEFT_OUT = (
    "crashguard.testing",
    "crashguard.integrations",
    "crashguard.cli.startup",
    "crashguard.packagers",
)

hiddenimports = collect_submodules("crashguard", filter=lambda name: not name.startswith(_LEFT_OUT))
_PACKAGE = os.path.dirname(os.path.dirname(__file__))
datas = [
    # The note after a crash names `TOOL --crashguard` where this file is in the bundle.
    (os.path.join(_PACKAGE, "packagers", "rthooks", "pyi_rth_crashguard.py"), "crashguard/packagers"),
    # The page of `docs telemetry-page`; in a checkout it is a link.
    (os.path.realpath(os.path.join(_PACKAGE, "cli", "telemetry.md")), "crashguard/cli"),
]
