"""The URL of an issue tracker's form with title and text filled in, and of its search for a bug."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from crashguard.issue_tracker import GITHUB, host, is_gitlab, is_like_github
from crashguard.report import markdown

MOST = 8000  # characters of a URL that servers and browsers take
# The traceback's lines and the characters of each line and fact: from whole to next to nothing. The last ones
# fit whatever they hold: a character takes up to twelve in a URL.
_SIZES = ((None, None), (80, 300), (40, 300), (20, 200), (10, 120), (4, 60), (2, 40))


def form(issue_url: str, event: Mapping[str, Any]) -> str:
    """The form's URL, with as much of the traceback as fits.

    Args:
        issue_url: The tool's `issue_url`, as `install()` has checked it.
        event: The scrubbed event.
    """
    made = ""
    for most, width in _SIZES:
        title = markdown.title(event)[: width and max(width, 80)]
        made = _filled(issue_url, title, markdown.of(event, most=most, width=width))
        if len(made) < MOST:
            break
    return made


def search(issue_url: str, event: Mapping[str, Any]) -> str | None:
    """The search for the same bug, in closed issues too; None where the tracker's kind is not known."""
    address = issue_url.partition("#")[0].partition("?")[0]
    tracker, found, _ = address.partition("/issues/new")
    # A template may be that of another tracker, whose form has the same path.
    is_other = "{" in issue_url and not is_gitlab(issue_url) and not is_like_github(issue_url)
    if not found or "{" in address or is_other:
        return None
    name = "search" if is_gitlab(issue_url) else "q"
    closed_too = "" if GITHUB in host(issue_url) else "&state=all"  # GitHub shows them by itself
    return f"{tracker}/issues?{name}={markdown.bug_word(event)}{closed_too}"


def _filled(issue_url: str, title: str, body: str) -> str:
    title, body = quote(title, safe=""), quote(body, safe="")
    if "{" in issue_url:
        return issue_url.replace("{body}", body).replace("{title}", title)
    names = ("issue[title]", "issue[description]") if is_gitlab(issue_url) else ("title", "body")
    issue_url = issue_url.replace("/issues/new/choose", "/issues/new")  # GitHub's page before the form
    address, anchor, rest = issue_url.partition("#")
    before = "&" if "?" in address else "?"
    return f"{address}{before}{quote(names[0])}={title}&{quote(names[1])}={body}{anchor}{rest}"
