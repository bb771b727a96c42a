"""What packagers need to know of crashguard: hooks for PyInstaller, which finds them by an entry point.

    hook-crashguard                what to put into the bundle: modules that are imported by computed names
    rthooks/pyi_rth_crashguard     `TOOL --crashguard ...`, which is the `crashguard` command in a bundle

`docs/packagers.md` describes other packagers.
"""

import os


def get_hook_dirs() -> list[str]:
    """The folder of the hooks, for PyInstaller."""
    return [os.path.dirname(__file__)]
