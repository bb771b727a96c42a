"""A tool without a server: the note names `issue`, which fills in the form of its issue tracker in the browser."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from markdown_it import MarkdownIt

import crashguard
from crashguard import issue_tracker
from crashguard.cli import issue_form
from crashguard.report import markdown
from tests import terminal
from tests.conftest import ROOT, Finished, Run

FORM = "https://github.com/acme/demo/issues/new"
PROGRAM = """
import crashguard
crashguard.install(app="demo", version="1.2.3", issue_url={url!r}, messages="full")
TEXT = {text!r}
def broken(depth):
    if depth:
        return broken(depth - 1)
    raise ValueError(TEXT)
broken({depth})
"""
EVIL = (
    "``` \n```\n</details><script>alert(1)</script><img src=x onerror=alert(1)> @octocat #1 "
    "[click](https://evil.example) ![](https://evil.example/x.png)\n````` | & <b>bold</b> \x1b[2J \u202e"
)


def crash(run: Run, url: str | None = FORM, text: str = "bad word", depth: int = 0) -> Finished:
    done = run(PROGRAM.format(url=url, text=text, depth=depth))
    assert done.status == 1
    return done


def piped(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The command in a pipe: no terminal, no browser."""
    return subprocess.run(
        [sys.executable, "-m", "crashguard", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def filled(stdout: str) -> tuple[str, dict[str, str]]:
    """The address of the form, and what is filled in."""
    [url] = re.findall(r"^Report it: (\S+)$", stdout, re.MULTILINE)
    assert len(url) < 8000
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", {
        name: value for name, [value] in parse_qs(parts.query, strict_parsing=True).items()
    }


def test_the_note_names_the_command_and_it_fills_in_the_form(run: Run) -> None:
    """In a pipe it shows the text and prints the addresses: of the search for the bug first, then of the form."""
    done = crash(run)
    [path] = done.files()
    known = path.stem[-32:]
    assert re.search(rf"^Report it: \S+ issue {known[:8]}$", done.stderr, re.MULTILINE)

    told = piped("issue", known[:8])

    assert (told.returncode, told.stderr) == (0, "")
    where, form = filled(told.stdout)
    assert where == FORM
    assert form["title"] == "ValueError: bad word"
    for part in (
        "`demo@1.2.3`",
        "`CPython ",
        "`Linux ",
        known,
        "in broken",
        "<details><summary>Traceback</summary>",
    ):
        assert part in form["body"]
    [word] = re.findall(
        r"^Is it known\? https://github.com/acme/demo/issues\?q=(crash[0-9a-f]{12})$",
        told.stdout,
        re.MULTILINE,
    )
    assert word in form["body"]
    assert piped("show", known[:8], "--markdown").stdout in told.stdout


def test_one_bug_has_one_word(run: Run) -> None:
    """Two reports of one bug are found by the same word; another bug has another."""
    words = []
    for text in ("bad word", "bad other word"):
        crash(run, text=text)
        words += re.findall(r"bug: `(\w+)`", piped("show", "--markdown").stdout)
    run("import crashguard\ncrashguard.install(app='demo', version='1.2.3')\n{}['x']")
    words += re.findall(r"bug: `(\w+)`", piped("show", "--markdown").stdout)

    assert words[0] == words[1] != words[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "names", "search"),
    [
        (
            "https://gitlab.com/acme/demo/-/issues/new",
            ("issue[title]", "issue[description]"),
            "/acme/demo/-/issues?search=crash{word}&state=all",
        ),
        (
            "https://gitlab.acme.example/acme/demo/issues/new",
            ("issue[title]", "issue[description]"),
            "/acme/demo/issues?search=crash{word}&state=all",
        ),
        ("https://github.com/acme/demo/issues/new/choose", ("title", "body"), "/acme/demo/issues?q=crash"),
        (
            "https://codeberg.org/acme/demo/issues/new",
            ("title", "body"),
            "/acme/demo/issues?q=crash{word}&state=all",
        ),
        (
            "https://github.com/acme/demo/issues/new?template=bug.yml&title={title}&what={body}",
            ("title", "what"),
            "/acme/demo/issues?q=crash{word}\n",
        ),
        (
            "https://redmine.example/projects/demo/issues/new?issue[subject]={title}&issue[description]={body}",
            ("issue[subject]", "issue[description]"),
            None,
        ),
        (
            "https://github.com/acme/demo/issues/new?labels=crash",
            ("title", "body"),
            "/acme/demo/issues?q=crash",
        ),
        ("https://bugs.example/new?subject={title}&text={body}", ("subject", "text"), None),
    ],
)
def test_each_tracker_gets_its_own_names(
    run: Run, url: str, names: tuple[str, str], search: str | None
) -> None:
    """GitHub, GitLab, Gitea and Forgejo, and any other by a template; what the URL says already stays.

    The search finds closed issues too: the bug may be mended. It is offered where its kind is known, also by a
    template for GitHub's issue forms.
    """
    crash(run, url=url)

    told = piped("issue").stdout

    where, form = filled(told)
    assert url.startswith(where)
    assert (form[names[0]], "bad word" in form[names[1]]) == ("ValueError: bad word", True)
    assert form.get("labels") == ("crash" if "labels" in url else None)
    [word] = re.findall(r"bug: `crash(\w+)`", told)
    asked = None if search is None else search.replace("{word}", word)
    assert (asked in told) if asked is not None else ("Is it known?" not in told)


@pytest.mark.parametrize(
    "url",
    [
        "github.com/acme/demo/issues/new",
        "javascript:alert(1)//issues/new",
        "https://bugs.example/new",
        "https://bugs.example/new?subject={title}",
        "https://bugs.example/new?subject={title}&text={text}",
        "https://bugs.example/{title}{title}{body}",
        "https://github.com/acme/demo/issues/new ?x",
        "https://github.com/acme/demo/issues/new\x1b[2J",
        "",
    ],
)
def test_a_wrong_address_is_said_at_once(url: str) -> None:
    """install() names the argument and shows a right one."""
    with pytest.raises(crashguard.ConfigurationError, match="issue_url=.*https://"):
        crashguard.install(app="demo", version="1", issue_url=url)


@pytest.mark.parametrize("end", ["", "/", "/issues", "/issues/", ".git", "/issues/new/"])
@pytest.mark.parametrize(
    ("repository", "form"),
    [
        ("https://github.com/acme/demo", "https://github.com/acme/demo/issues/new"),
        ("https://codeberg.org/acme/demo", "https://codeberg.org/acme/demo/issues/new"),
        ("https://gitlab.com/acme/tools/demo", "https://gitlab.com/acme/tools/demo/-/issues/new"),
        ("https://github.acme.example/team/demo.py", "https://github.acme.example/team/demo.py/issues/new"),
    ],
)
def test_a_repository_is_completed(repository: str, form: str, end: str) -> None:
    """With or without its list of issues, a slash and `.git`: what people copy from their browser and from git."""
    made = issue_tracker.form(repository + end)

    assert made == (form.replace("/-/", "/") if end == "/issues/new/" else form)


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme",
        "https://github.com/",
        "https://github.com/acme/demo/pulls",
        "https://github.com/acme/demo?tab=readme",
        "https://gitlab.com/acme",
        "https://gitlab.com/acme/demo/-/merge_requests",
        "https://git.example/acme/demo",
        "git@github.com:acme/demo.git",
    ],
)
def test_what_cannot_be_completed_is_said(url: str) -> None:
    """Another page, a host that nobody knows, an address of git."""
    with pytest.raises(crashguard.ConfigurationError, match="issue_url=.*https://"):
        issue_tracker.form(url)


def test_a_long_traceback_is_cut_to_what_a_url_takes(run: Run) -> None:
    """Both ends of the traceback stay, and what is left out is counted; the longest comment is cut, too."""
    text = "\u6771\u4eac\u90fd \U0001f4a5 " * 150
    done = run(TURNS.format(url=FORM, text=text))
    assert done.status == 1
    assert piped("comment", "\u6771" * 4000, "--yes").returncode == 0

    _, form = filled(piped("issue").stdout)

    assert "lines are left out ..." in form["body"]
    assert "in <module>" in form["body"]
    assert "`demo@1.2.3`" in form["body"]
    assert "comment: `\u6771\u6771" in form["body"]
    assert form["title"].startswith("ValueError: \u6771\u4eac\u90fd")
    assert len(form["title"]) <= 120


TURNS = """
import crashguard
crashguard.install(app="demo", version="1.2.3", issue_url={url!r}, messages="full")
def even(depth):
    odd(depth - 1)
def odd(depth):
    if depth < 0:
        raise ValueError({text!r})
    even(depth - 1)
even(40)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "url",
    [
        FORM,
        "https://gitlab.com/acme/demo/-/issues/new",
        "https://codeberg.org/acme/demo/issues/new",
        f"https://bugs.example/{'x' * 440}?subject={{title}}&text={{body}}",
    ],
)
def test_whatever_a_report_holds_fits_into_the_url(url: str) -> None:
    """Each text of it as long as it may be, of characters that take twelve in a URL: release and bug stay."""
    long = "\U0001f4a5" * 4000
    frame = {"function": long, "filename": long, "lineno": 1}
    event = {
        "event_id": "0" * 32,
        "release": f"demo@{long}",
        "exception": {"values": [{"type": long, "value": long, "stacktrace": {"frames": [frame] * 100}}]},
        "tags": {"command": long, **{f"plugin.{part}": long for part in ("team", "kind", "name", "version")}},
        "contexts": {
            "runtime": {"name": long, "version": long},
            "os": {"name": long, "kernel_version": long},
            "device": {"arch": long},
            "crashguard": {"comment": long},
        },
    }
    assert issue_tracker.form(url) == url

    made = issue_form.form(url, event)

    assert len(made) < 8000
    values = [value for [value] in parse_qs(urlsplit(made).query, strict_parsing=True).values()]
    assert values[0].startswith("\U0001f4a5")
    assert "demo@" in values[1]
    assert markdown.bug_word(event) in values[1]
    assert values[1].count("```") == 2  # the block has its end


def test_an_anchor_stays_at_the_end(run: Run) -> None:
    """What is filled in stands before it, or the tracker would not see it."""
    crash(run, url=f"{FORM}#new_issue_form")

    told = piped("issue").stdout

    assert re.search(rf"^Report it: {re.escape(FORM)}\?title=\S+#new_issue_form$", told, re.MULTILINE)
    assert "/issues?q=crash" in told


class _Seen(HTMLParser):
    """The elements and addresses of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in ("href", "src") or name.startswith("on")]


def test_a_hostile_message_stays_a_text_in_markdown(run: Run) -> None:
    """Fences, HTML, links, pictures and mentions in a message end inside of one code block."""
    crash(run, text=EVIL)

    text = piped("show", "--markdown").stdout

    seen = _Seen(MarkdownIt("commonmark").render(text))
    assert seen.tags <= {"ul", "li", "code", "details", "summary", "pre", "p"}
    assert seen.addresses == []
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[2J" in text


def test_a_hostile_message_stays_a_text_in_html(run: Run) -> None:
    """The page has no script and no address, allows none, is ASCII, and has the exact bytes as a text."""
    done = crash(run, text=EVIL)

    page = piped("show", "--html").stdout

    seen = _Seen(page)
    assert not seen.tags & {"script", "img", "a", "b", "iframe", "link"}
    assert seen.addresses == []
    assert "default-src 'none'" in page
    assert page.isascii()
    assert "\x1b" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert f"&quot;{done.event['event_id']}&quot;" in page
    assert "It stays on this machine: no destination is configured." in page
    assert "<mark>" in page


def test_one_form_at_a_time(run: Run) -> None:
    """--json, --markdown and --html exclude each other."""
    crash(run)

    assert piped("show", "--html", "--markdown").returncode == 2


def test_a_tool_without_a_tracker_is_said(run: Run) -> None:
    """Without issue_url the note is as it was, and the command says how to get the text."""
    done = crash(run, url=None)

    told = piped("issue")

    assert "Report it:" not in done.stderr
    assert told.returncode == 1
    assert "demo names no issue tracker" in told.stderr
    assert "--markdown" in told.stderr


def test_a_later_version_takes_its_tracker_back(run: Run) -> None:
    """The address is that of the version that crashed last."""
    crash(run)
    crash(run, url=None, text="other")

    assert piped("issue").returncode == 1


def test_a_report_that_is_gone_is_an_error(run: Run) -> None:
    """A report that was deleted meanwhile is said to be missing."""
    done = crash(run)
    [path] = done.files()
    assert piped("purge", path.stem[-32:][:8], "--yes").returncode == 0

    told = piped("issue", path.stem[-32:][:8])

    assert told.returncode == 1
    assert "no report's id begins with" in told.stderr


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A browser and a clipboard that write down what they get; the folder in which they do."""
    for name, what in (("browser", 'printf "%s\\n" "$1"'), ("xclip", "cat")):
        script = tmp_path / name
        script.write_text(f'#!/bin/sh\n{what} >> "{tmp_path}/{name}.got"\n')
        script.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(tmp_path / "browser"))
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_on_a_terminal_it_asks_and_opens_the_browser(run: Run, desktop: Path) -> None:
    """The search is opened first, then the form; the text is on the clipboard."""
    crash(run)

    status, shown = terminal.crashguard("issue", typed=b"\ny\n")

    assert status == 0
    search, form = (desktop / "browser.got").read_text().splitlines()
    assert search.startswith("https://github.com/acme/demo/issues?q=crash")
    assert form.startswith(f"{FORM}?title=ValueError%3A%20bad%20word&body=")
    assert (desktop / "xclip.got").read_text() == piped("show", "--markdown").stdout
    assert f"If nothing opened, paste the text there: {FORM}" in " ".join(terminal.lines(shown))
    assert "Nothing is sent before you send it there." in " ".join(terminal.lines(shown))


def test_a_no_opens_nothing(run: Run, desktop: Path) -> None:
    """Who says no to both has no browser and an untouched clipboard."""
    crash(run)

    status, _ = terminal.crashguard("issue", typed=b"n\nn\n")

    assert status == 0
    assert not (desktop / "browser.got").exists()
    assert not (desktop / "xclip.got").exists()


def test_without_browser_and_clipboard_the_address_is_printed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a server a person gets the address to open elsewhere; no browser in the terminal is started."""
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    crash(run)

    status, shown = terminal.crashguard("issue", "--yes")

    assert status == 0
    text = "".join(terminal.lines(shown))
    assert f"No browser was found here. Open: {FORM}?title=" in text
    assert "clipboard" not in text
