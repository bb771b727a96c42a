"""The person's browser and clipboard, where there are any; where there are none, the answer is False."""

import os
import subprocess
import sys
import webbrowser

_SECONDS = 5.0  # for a program that takes a text to the clipboard


def open_browser(url: str) -> bool:
    """Open a URL in a browser with windows; one that would take the terminal is not started."""
    windows = sys.platform in ("win32", "darwin") or _has_display() or "BROWSER" in os.environ
    try:
        return windows and webbrowser.open(url)
    except (OSError, ValueError, webbrowser.Error):
        return False


def copy(text: str) -> bool:
    """Copy a text to the clipboard, by the first program of the system that does it."""
    for command in _clipboards():
        try:
            subprocess.run(  # noqa: S603 (one of the commands below)
                command,
                input=text.encode("utf-16" if command[0] == "clip" else "utf-8"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        return True
    return False


def _clipboards() -> list[list[str]]:
    if sys.platform == "darwin":
        return [["pbcopy"]]
    if sys.platform == "win32":
        return [["clip"]]
    wayland = [["wl-copy"]] if "WAYLAND_DISPLAY" in os.environ else []
    x11 = [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    return wayland + (x11 if "DISPLAY" in os.environ else [])


def _has_display() -> bool:
    return "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
