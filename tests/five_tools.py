"""Five real tools from PyPI with planted bugs, and the issues that a real server makes of their reports.

`python -m tests.five_tools` prints the table of docs/grouping.md: for crashguard with README's lines, and for sentry-sdk
with `init(dsn)`, both put at the top of the module that has the tool's command. Each bug is met in two ways, each time
on another machine (a home of its own). It installs the tools from PyPI and needs Bugsink and PyInstaller:
`eval "$(.ci/components)"` first. It takes some minutes.
"""

import ast
import collections
import itertools
import json
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import attrs

from tests import bugsink
from tests.conftest import ROOT, component
from tests.environments import fresh_environment, pip_into
from tests.servers import eventually

GUARDS = {
    "crashguard": (
        "import os, crashguard\n"
        "crashguard.install(app={name!r}, version={version!r}, dsn=os.environ['DSN'])\n"
    ),
    "sentry-sdk": "import os, sentry_sdk\nsentry_sdk.init(os.environ['DSN'])\n",
}


@attrs.frozen
class Tool:
    """A tool with its bugs.

    Attributes:
        name: Of its distribution.
        version: Of its distribution.
        kind: What it stands for.
        command: The module that has its command.
        bugs: By name: the function that has the bug, `module:function`, and the expression that fails. In each tool
            two fail with keys of one function, one with the message of the first in another function, and one with
            the user's data in its message.
        ways: Two command lines that meet all of its bugs.
    """

    name: str
    version: str
    kind: str
    command: str
    bugs: dict[str, tuple[str, str]]
    ways: tuple[list[str], list[str]]

    @property
    def is_frozen(self) -> bool:
        return self.kind == "frozen"


TOOLS = [
    Tool(
        "yamllint",
        "1.38.0",
        "argparse",
        "yamllint.cli",
        {
            "first key": ("yamllint.linter:get_cosmetic_problems", "{'rules': 1}['indents']"),
            "second key": ("yamllint.linter:get_cosmetic_problems", "{'rules': 1}['colours']"),
            "data": ("yamllint.config:YamlLintConfig.is_file_ignored", "int(filepath)"),
            "elsewhere": ("yamllint.linter:get_syntax_error", "{'rules': 1}['indents']"),
            "helper, first caller": (
                "yamllint.config:YamlLintConfig.enabled_rules",
                "yamllint.rules.get('a')",
            ),
            "helper, second caller": ("yamllint.config:YamlLintConfig.validate", "yamllint.rules.get('b')"),
            "attribute": ("yamllint.linter:_run", "buffer.content"),
        },
        (["a.yaml"], ["-d", "relaxed", "-f", "parsable", "."]),
    ),
    Tool(
        "sqlite-utils",
        "4.2.1",
        "click",
        "sqlite_utils.cli",
        {
            "first key": ("sqlite_utils.cli:_execute_query", "{'sql': sql}['limit']"),
            "second key": ("sqlite_utils.cli:_execute_query", "{'sql': sql}['offset']"),
            "attribute": ("sqlite_utils.cli:_execute_query", "sql.statement"),
            "data": ("sqlite_utils.cli:_execute_query", "int(sql)"),
            "elsewhere": ("sqlite_utils.cli:_maybe_register_functions", "{'functions': 1}['limit']"),
            "comprehension": ("sqlite_utils.cli:_register_db_for_cleanup", "[each['name'] for each in [{}]]"),
            "lambda": ("sqlite_utils.cli:_load_extensions", "sorted([1, 2], key=lambda each: each.name)"),
        },
        (["d.db", "select 1 as a"], ["rows", "d.db", "t", "--csv"]),
    ),
    Tool(
        "cruft",
        "2.16.0",
        "Typer",
        "cruft._cli",
        {
            "first key": (
                "cruft._commands.utils.cookiecutter:get_cookiecutter_repo",
                "clone_kwargs['origin']",
            ),
            "second key": (
                "cruft._commands.utils.cookiecutter:get_cookiecutter_repo",
                "clone_kwargs['mirror']",
            ),
            "data": (
                "cruft._commands.utils.cookiecutter:get_cookiecutter_repo",
                "int(str(cookiecutter_template_dir))",
            ),
            "elsewhere": (
                "cruft._commands.utils.cookiecutter:resolve_template_url",
                "{'url': url}['origin']",
            ),
            "none": (
                "cruft._commands.utils.cookiecutter:generate_cookiecutter_context",
                "config_file.parent",
            ),
            "attribute": (
                "cruft._commands.utils.cookiecutter:_validate_cookiecutter",
                "cookiecutter_template_dir.contents",
            ),
        },
        (["create", "-y", "--output-dir", "out", "template"], ["link", "-y", "template"]),
    ),
    Tool(
        "codespell",
        "2.4.3",
        "frozen",
        "codespell_lib._codespell",
        {
            "first key": ("codespell_lib._codespell:parse_file", "{'name': filename}['encoding']"),
            "second key": ("codespell_lib._codespell:parse_file", "{'name': filename}['fragments']"),
            "attribute": ("codespell_lib._codespell:parse_file", "options.colours"),
            "data": ("codespell_lib._codespell:parse_file", "int(filename)"),
            "elsewhere": ("codespell_lib._codespell:parse_ignore_words_option", "{'words': 1}['encoding']"),
            "comprehension": (
                "codespell_lib._codespell:_select_builtin_dictionary",
                "{each: each['name'] for each in [()]}",
            ),
        },
        (["a.txt"], ["--check-filenames", "-q", "2", "."]),
    ),
    Tool(
        "mkdocs",
        "1.6.1",
        "plugin host",
        "mkdocs.__main__",
        {
            "first key": ("mkdocs.structure.nav:get_navigation", "{'nav': config}['titles']"),
            "second key": ("mkdocs.structure.nav:get_navigation", "{'nav': config}['pages']"),
            "attribute": ("mkdocs.commands.build:_build_page", "page.titles"),
            "data": ("mkdocs.commands.build:_build_page", "int(config['site_dir'])"),
            "elsewhere": ("mkdocs.commands.build:_populate_page", "{'page': page}['titles']"),
            "in a loop": ("mkdocs.structure.toc:_parse_toc_token", "[token['name'], token['colour']]"),
            "plugin": ("mkdocs_plugin:Words.on_files", "{}['words']"),
        },
        (["build", "-q", "-d", "out"], ["build", "--dirty", "-d", "other", "--no-directory-urls"]),
    ),
]
PLUGIN = {
    "mkdocs_plugin.py": "from mkdocs.plugins import BasePlugin\n\n\nclass Words(BasePlugin):\n"
    "    def on_files(self, files, config):\n        return files\n",
    "pyproject.toml": '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    '[project]\nname = "mkdocs-plugin"\nversion = "1.0"\n'
    '[project.entry-points."mkdocs.plugins"]\nwords = "mkdocs_plugin:Words"\n'
    '[tool.hatch.build.targets.wheel]\nonly-include = ["mkdocs_plugin.py"]\n',
}
FILES = {
    "a.yaml": "a: 1\n",
    "a.txt": "a text\n",
    "mkdocs.yml": "site_name: x\nplugins: [words]\n",
    "docs/index.md": "# One\n\n## Two\n",
    "template/cookiecutter.json": '{"name": "x"}',
    "template/{{cookiecutter.name}}/a.txt": "x\n",
}


def planted(site: Path, tool: Tool, guard: str) -> dict[Path, str]:
    """Put the bugs and the guard into a tool's modules; return the files as they were."""
    lines: dict[Path, list[tuple[int, str]]] = {}
    path = _file_of(site, tool.command)
    body = ast.parse(path.read_text()).body
    first = next(
        node
        for node in body
        if not isinstance(node, ast.Expr) and getattr(node, "module", None) != "__future__"
    )
    lines[path] = [(first.lineno, GUARDS[guard].format(name=tool.name, version=tool.version))]
    for bug, (where, fails) in tool.bugs.items():
        module, _, function = where.partition(":")
        path = _file_of(site, module)
        node = ast.parse(path.read_text())
        for part in function.split("."):
            node = next(each for each in ast.walk(node) if getattr(each, "name", None) == part)  # type: ignore[assignment]
        statement = node.body[ast.get_docstring(node) is not None]  # type: ignore[arg-type]
        condition = f"__import__('os').environ.get('PLANTED') == {bug!r}"
        text = f"{' ' * statement.col_offset}{condition} and {fails}\n"
        lines.setdefault(path, []).append((statement.lineno, text))
    before = {path: path.read_text() for path in lines}
    for path, texts in lines.items():
        source = before[path].splitlines(keepends=True)
        for number, text in sorted(texts, reverse=True):
            source.insert(number - 1, text)
        path.write_text("".join(source))
    return before


def _file_of(site: Path, module: str) -> Path:
    return site / (module.replace(".", "/") + ".py")


def environment(folder: Path) -> Path:
    """The folder of the commands of a fresh environment with the tools and both reporters."""
    commands = fresh_environment(folder / "venv")
    (folder / "plugin").mkdir()
    for name, text in PLUGIN.items():
        (folder / "plugin" / name).write_text(text)
    tools = [f"{tool.name}=={tool.version}" for tool in TOOLS]
    done = pip_into(commands, *tools, "sentry-sdk", str(ROOT), str(folder / "plugin"))
    assert 0 == done.returncode, done.stderr
    return commands


def frozen(folder: Path, site: Path, tool: Tool) -> Path:
    """The program that PyInstaller makes of a tool."""
    script = folder / "run.py"
    script.write_text(f"from {tool.command} import _script_main\nraise SystemExit(_script_main())\n")
    packager = Path(component("CRASHGUARD_PACKAGERS_BIN")) / "pyinstaller"
    options = ["--log-level", "ERROR", "--name", tool.name, "--collect-data", tool.command.partition(".")[0]]
    done = subprocess.run(
        [str(packager), *options, "--hidden-import", tool.command, str(script)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr[-2000:]
    return folder / "dist" / tool.name / tool.name


def home(folder: Path) -> Path:
    """A user's home with what the tools work on."""
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git = ["git", "-C", str(folder / "template"), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    program = "import sqlite3; d = sqlite3.connect('d.db'); d.execute('create table t (a)'); d.commit()"
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True)
    return folder


def crash(tool: Tool, program: Path, folder: Path, project: bugsink.Project) -> list[tuple[str, str | None]]:
    """Meet each bug in each way; return the bug and the event of each crash, None where none arrived."""
    found: list[tuple[str, str | None]] = []
    known: set[str] = set()
    for bug, (number, way) in itertools.product(tool.bugs, enumerate(tool.ways)):
        place = home(folder / f"{bug}-{number}".replace(" ", "_").replace(",", ""))
        done = subprocess.run(
            [str(program), *way],
            cwd=place,
            env={"PATH": os.environ["PATH"], "HOME": str(place), "DSN": project.dsn, "PLANTED": bug},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert "Traceback" in done.stderr, (tool.name, bug, way, done.stdout, done.stderr)
        if not _arrives(project, len(known) + 1):
            found.append((bug, None))
            continue
        new = {*project.event_ids()} - known  # sentry-sdk makes a second one of a line in the log
        known |= new
        found += [(bug, event) for event in new]
    return found


def _arrives(project: bugsink.Project, count: int) -> bool:
    """Whether a server gets so many events; what never comes is a part of the result."""
    try:
        eventually(lambda: len(project.event_ids()) >= count, seconds=10)
    except AssertionError:
        return False
    return True


@attrs.frozen
class Row:
    """What a server has after all crashes of one tool.

    Attributes:
        crashes: How many crashes there were.
        arrived: How many reports of them arrived.
        issues: How many issues the server made of these.
        hidden: Bugs that stand in the issue of another.
        split: Bugs that have several issues.
        headlines: The headlines of the issues.
    """

    crashes: int
    arrived: int
    issues: int
    hidden: int
    split: int
    headlines: list[str]


def measure(folder: Path, commands: Path, tool: Tool, guard: str) -> Row:
    """Have a tool crash by all of its bugs, and look at the issues."""
    site = next((commands.parent / "lib").glob("python*")) / "site-packages"
    before = planted(site, tool, guard)
    try:
        place = folder / guard / tool.name
        place.mkdir(parents=True)
        program = frozen(place, site, tool) if tool.is_frozen else commands / tool.name
        project = bugsink.shared().new_project()
        crashes = crash(tool, program, place / "homes", project)
    finally:
        for path, text in before.items():
            path.write_text(text)
    issue_of = {uuid.UUID(event["event_id"]).hex: event["issue"] for event in project.events()}
    bugs: dict[str, list[str]] = {}  # of each issue, the one that was first in it
    for bug, event in crashes:
        if event is not None and bug not in bugs.setdefault(issue_of[event], []):
            bugs[issue_of[event]].append(bug)
    issues = collections.Counter(bug for each in bugs.values() for bug in each)
    headlines = [f"{each['calculated_type']} in {each['transaction']}" for each in project.issues()]
    return Row(
        crashes=len(tool.bugs) * len(tool.ways),
        arrived=len(issue_of),
        issues=len(bugs),
        hidden=sum(len(each) - 1 for each in bugs.values()),
        split=sum(count > 1 for count in issues.values()),
        headlines=sorted(headlines),
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="five-tools-") as name:
        folder = Path(name)
        commands = environment(folder)
        print("| tool | | bugs | crashes | crashguard | sentry-sdk |")
        print("|---|---|---:|---:|---|---|")
        for tool in [each for each in TOOLS if each.name in sys.argv] or TOOLS:
            rows = {guard: measure(folder, commands, tool, guard) for guard in GUARDS}
            cells = [f"{tool.name} {tool.version}", tool.kind, str(len(tool.bugs)), str(2 * len(tool.bugs))]
            cells += [
                f"{row.arrived} reports, {row.issues} issues, {row.hidden} hidden, {row.split} split"
                for row in rows.values()
            ]
            print("|", " | ".join(cells), "|", flush=True)
            print(
                json.dumps({guard: row.headlines for guard, row in rows.items()}, indent=1), file=sys.stderr
            )


if __name__ == "__main__":
    main()
