"""The URL of an issue tracker's form with title and text filled in, and of its search for a bug."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from crashguard.report import markdown

MOST = 8000  # characters of a URL that servers and browsers take
_LINES = (None, 80, 40, 20, 10, 4)  # of the traceback, from whole to next to nothing


def form(issue_url: str, event: Mapping[str, Any]) -> str:
    """The form's URL, with as much of the traceback as fits.

    Args:
        issue_url: The tool's `issue_url`, as `install()` has checked it.
        event: The scrubbed event.
    """
    title = markdown.title(event)
    made = ""
    for most in _LINES:
        made = _filled(issue_url, title, markdown.of(event, most=most))
        if len(made) < MOST:
            return made
    return _filled(issue_url, title[:60], f"bug: {markdown.bug_word(event)}")


def search(issue_url: str, event: Mapping[str, Any]) -> str | None:
    """The search for reports of the same bug; None where the tracker's kind is not known."""
    tracker, found, _ = issue_url.partition("/issues/new")
    if not found or "{" in issue_url:
        return None
    name = "search" if tracker.endswith("/-") else "q"
    return f"{tracker}/issues?{name}={markdown.bug_word(event)}"


def _filled(issue_url: str, title: str, body: str) -> str:
    title, body = quote(title, safe=""), quote(body, safe="")
    if "{" in issue_url:
        return issue_url.replace("{body}", body).replace("{title}", title)
    names = ("issue[title]", "issue[description]") if "/-/issues/new" in issue_url else ("title", "body")
    before = "&" if "?" in issue_url else "?"
    return f"{issue_url}{before}{quote(names[0])}={title}&{quote(names[1])}={body}"
