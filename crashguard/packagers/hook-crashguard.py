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
# The note after a crash names `TOOL --crashguard` where this file is in the bundle.
datas = [
    (
        os.path.join(os.path.dirname(__file__), "rthooks", "pyi_rth_crashguard.py"),
        "crashguard/packagers",
    )
]
