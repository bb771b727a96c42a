"""A report as one HTML file that needs nothing else: no script, no font, no network, and it may load none.

Whatever the report holds is escaped, and the file is ASCII, so that no shell's encoding breaks it.
"""

import html
import re

from crashguard.cli import view
from crashguard.report import markdown, readable
from crashguard.report.readable import at, sequence
from crashguard.spool.reports import StoredReport

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #f2f4f6; --line: #c9d0d8;
        --mark: #fff0b3; --loud: #a4161a; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #14171a; --soft: #1f2428; --line: #424b54;
          --mark: #5c4a00; --loud: #ff8f8f; } }
body { margin: 0; color: var(--ink); background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { color: var(--loud); font-size: 1.4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
dt, .dim { opacity: .75; } .bold { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem;
      overflow: auto; }
pre:focus, summary:focus { outline: 3px solid var(--loud); outline-offset: 2px; }
mark { color: inherit; background: var(--mark); border-radius: .2rem; }
summary { cursor: pointer; font-weight: 600; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
"""
_MARK = re.compile(r"\[(?:scrubbed|shape):[^\[\]\n]{1,200}\]")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"


def page(report: StoredReport, fate: str) -> str:
    """The file.

    Args:
        report: The report.
        fate: What became of it, or will.
    """
    title = markdown.title(report.event)
    lines = readable.traceback(sequence(at(report.event, "exception", "values")))
    shown = "\n".join(_styled(line, style) for line, style in lines)
    data = readable.plain(report.data.decode("utf-8", "replace"))
    text = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{_marked(title)}</h1>
<p>{html.escape(fate)}</p>
<h2>Circumstances</h2>
{_pairs([row for row in view.facts(report) if row[0] != "file"])}
<h2>Traceback</h2>
<pre tabindex="0" role="region" aria-label="Traceback">{shown}</pre>
<h2>System</h2>
{_pairs(view.contexts(report.event))}
<h2>Marks</h2>
<p><mark>[scrubbed:...]</mark> stands for a secret or for personal data, <mark>[shape:Aaaa 99]</mark> for
other data: A is a capital, a is a small letter, 9 is a digit. What stood there is not in the report.</p>
<details>
<summary>The exact bytes ({len(report.data):,})</summary>
<pre tabindex="0" role="region" aria-label="The exact bytes">{html.escape(data)}</pre>
</details>
</main>
</body>
</html>"""
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _pairs(rows: list[tuple[str, str]]) -> str:
    inner = "\n".join(f"<dt>{html.escape(name)}</dt><dd>{_marked(said)}</dd>" for name, said in rows)
    return f"<dl>\n{inner}\n</dl>"


def _styled(line: str, style: str) -> str:
    return f'<span class="{style}">{_marked(line)}</span>' if style else _marked(line)


def _marked(text: str) -> str:
    """A text, escaped, with its marks set off."""
    return _MARK.sub(lambda found: f"<mark>{found[0]}</mark>", html.escape(text))
