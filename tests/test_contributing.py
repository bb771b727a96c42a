"""CONTRIBUTING.md, SECURITY.md, the forms on GitHub and the hooks: held to what they name, so that none of it rots."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, Run

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
COMMANDS = [
    line.strip()
    for block in re.findall(r"^ *```sh\n(.*?)^ *```$", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
CI = [line.strip().partition(" || ")[0] for line in (ROOT / ".ci/run").read_text().splitlines()]
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[0-9]*.yml"))


def load(path: str | Path) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


# Commands that .ci/run does not run as they stand, and the test that runs them or reads what they would do.
SHOWN_BELOW = {
    "python3.11 -m venv .venv": "test_readme.py",
    ".ci/interpreters --venv 3.15 .venv-3.15": "test_each_script_is_there",
    'export CRASHGUARD_WINDOWS_PYTHON="$(.ci/windows)"': "test_each_script_is_there",
    'eval "$(.ci/components)"': "test_each_script_is_there",
    ".ci/run": "test_each_script_is_there",
    ".venv/bin/pip install pre-commit": "test_the_hooks_are_the_checks_of_ci",
    ".venv/bin/pre-commit install": "test_the_hooks_are_the_checks_of_ci",
    '.venv/bin/python -m pytest -m "not slow"': "test_each_selection_of_tests_finds_some",
    '.venv/bin/python -m pytest -m "not slow and not anywhere"': "test_each_selection_of_tests_finds_some",
    ".venv/bin/python -m hatchling build": "test_version.py",
    ".venv/bin/pip install --quiet --disable-pip-version-check -e '.[mutation]'": "test_the_mutation_run_names_what_is_there",
    ".venv/bin/python -m tools.mutate --sample 30 crashguard/policy.py": "test_the_mutation_run_names_what_is_there",
}


def test_each_command_is_one_that_is_run() -> None:
    """A command of the page is a line of .ci/run, a selection of tests, or one that a test of its own shows."""
    for command in COMMANDS:
        assert command in CI or command in SHOWN_BELOW or "-m pytest tests/" in command, command
    assert set() == SHOWN_BELOW.keys() - COMMANDS
    for step in (
        "ruff format --check .",
        "ruff check .",
        "mypy",
        "mkdocs build --strict",
        "python -m pytest -n auto",
    ):
        assert f".venv/bin/{step}" in COMMANDS


@pytest.mark.parametrize("name", ["run", "gate", "transparency", "components", "interpreters", "windows"])
def test_each_script_is_there(name: str) -> None:
    """Each script of .ci that the page names can be executed, and its language reads it."""
    script = ROOT / ".ci" / name
    assert f".ci/{name}" in CONTRIBUTING
    assert os.access(script, os.X_OK)
    if "python" in script.read_text().partition("\n")[0]:
        compile(script.read_text(), str(script), "exec")
    else:
        subprocess.run(["bash", "-n", str(script)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, marks=() if "pytest tests/" in command else pytest.mark.slow)
        for command in COMMANDS
        if "pytest " in command
    ],
)
def test_each_selection_of_tests_finds_some(command: str) -> None:
    """What the page selects by marker, file or word collects tests; the marker leaves out some and not most."""
    arguments = shlex.split(command)[1:]
    done = subprocess.run(
        [sys.executable, *arguments, "--collect-only", "-q"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert 0 == done.returncode, done.stdout
    found = re.search(r"^(\d+)(?:/(\d+))? tests? collected", done.stdout, re.MULTILINE)
    assert found, done.stdout
    if ' -m "' in command:
        assert int(found[2]) / 8 < int(found[1]) < int(found[2])
    if " -k " in command:
        assert "1" == found[1]


def test_what_the_pages_name_is_there() -> None:
    """Each path in backticks and each link of the pages for contributors leads to a file of the project."""
    for page in ("CONTRIBUTING.md", "SECURITY.md", ".github/pull_request_template.md"):
        text = (ROOT / page).read_text()
        paths = re.findall(
            r"`((?:\.?[\w-]+/)*[\w.-]+\.(?:py|md|toml|json|yml)|(?:crashguard|docs|tests|\.ci)/[\w/.]*)`",
            text,
        )
        assert len(paths) > 1 or page == "SECURITY.md"
        for path in [*paths, *re.findall(r"\]\(([^)#:]+)\)", text)]:
            assert (ROOT / path).exists(), f"{page}: {path}"


def test_a_change_of_the_payload_touches_what_the_page_says() -> None:
    """The files that the page lists are where the version of the payload and its fields stand."""
    steps = CONTRIBUTING.partition("## Changing what leaves the machine")[2].partition("\n## ")[0]
    listed = re.findall(r"`([\w/.]+\.(?:py|md|json))`", steps)

    [code] = {path for path in listed if path.startswith("crashguard/")}
    assert re.search(r"^PAYLOAD_VERSION = \d+$", (ROOT / code).read_text(), re.MULTILINE)
    for path in ("docs/telemetry.md", "CHANGELOG.md", "README.md", "tests/golden/event.json"):
        assert path in listed
        assert "payload_version" in (ROOT / path).read_text()
    assert "### Payload" in (ROOT / "CHANGELOG.md").read_text()
    assert "## Payload" in (ROOT / ".github/pull_request_template.md").read_text()


def test_the_hooks_are_the_checks_of_ci() -> None:
    """pre-commit runs commands of .ci/run and of the page, from the environment, and fetches no repository."""
    [repository] = load(".pre-commit-config.yaml")["repos"]

    assert "local" == repository["repo"]
    assert {"ruff-format", "ruff-check", "mypy"} == {hook["id"] for hook in repository["hooks"]}
    for hook in repository["hooks"]:
        assert {"id", "name", "entry", "language"} <= hook.keys()
        assert ("system", False) == (hook["language"], hook["pass_filenames"])
        assert hook["entry"] in CI
        assert hook["entry"] in COMMANDS


def test_the_workflow_calls_ci_and_nothing_that_a_fork_lacks() -> None:
    """One job with every supported Python runs .ci/run; it may only read, and knows no secret."""
    text = (ROOT / ".github/workflows/ci.yml").read_text()
    workflow = load(".github/workflows/ci.yml")
    [job] = workflow["jobs"].values()
    supported = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text())

    assert {"contents": "read"} == workflow["permissions"]
    assert "secrets." not in text
    assert ".ci/run" == job["steps"][-1]["run"]
    [python] = (
        step["with"]["python-version"] for step in job["steps"] if "python-version" in step.get("with", {})
    )
    assert sorted(supported) == sorted(python.split())
    for step in job["steps"]:  # a tag can be moved to other code, a commit cannot
        assert "uses" not in step or re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"])


def test_the_page_about_systems_says_what_ci_runs() -> None:
    """On Linux, each interpreter with its part of the suite: no row more, none less."""
    rows = re.findall(
        r"^\| Linux \| CPython ([\d., ]+) \| ([^|,;]*).*\|$",
        (ROOT / "docs/support.md").read_text(),
        re.MULTILINE,
    )
    told = {version: what.strip() for versions, what in rows for version in versions.split(", ")}

    run = "\n".join(CI)
    asked = {"3.11": "the whole suite"} if ".venv/bin/python -m pytest -n auto" in CI else {}
    loops = re.findall(r'^for version in (.*); do\non_python "\$version" (.*)$', run, re.MULTILINE)
    for versions, call in [*loops, *re.findall(r"^on_python ([\d.]+) (.*)$", run, re.MULTILINE)]:
        is_part = call.endswith('-m "not anywhere and not slow"')
        what = "the fast tests of what depends on the interpreter" if is_part else "the whole suite"
        assert is_part or call.endswith('-m "not once"')
        asked |= dict.fromkeys(versions.split(), what)
    assert len(asked) == 5
    assert asked == told


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_is_one_that_github_takes(path: Path) -> None:
    """The form has the keys that GitHub's schema requires, of the types and with the names that it allows."""
    form = load(path)
    assert {"name", "description", "body"} <= form.keys()
    assert form.keys() <= {"name", "description", "body", "assignees", "labels", "title", "type", "projects"}
    assert 3 < len(form["name"]) < 100
    assert 3 < len(form["description"]) < 200
    questions = [element for element in form["body"] if element["type"] != "markdown"]
    assert questions
    assert (
        len(questions)
        == len({each["id"] for each in questions})
        == len({each["attributes"]["label"] for each in questions})
    )
    for element in form["body"]:
        assert element["type"] in ("markdown", "textarea", "input", "dropdown", "checkboxes")
        assert element.keys() <= {"type", "id", "attributes", "validations"}
        assert all(isinstance(value, bool) for value in element.get("validations", {}).values())
        if element["type"] == "markdown":
            assert element["attributes"]["value"].strip()
            continue
        assert re.fullmatch(r"[\w-]+", element["id"])
        options = element["attributes"].get("options", [])
        assert bool(options) == (element["type"] in ("dropdown", "checkboxes"))
        for option in options:  # unquoted, Yes and No are booleans
            assert isinstance(option["label"] if element["type"] == "checkboxes" else option, str)


def test_each_form_asks_for_the_status() -> None:
    """Whoever answers needs to know telemetry level, source, folders and destination; the form for secrets comes second."""
    assert ["1-bug", "2-not-scrubbed", "3-feature"] == [path.stem for path in FORMS]
    for path in FORMS:
        assert "Output of `crashguard status`" in path.read_text()
    for path in FORMS[:2]:
        assert "SECURITY.md" in path.read_text()
    assert {"blank_issues_enabled"} == load(".github/ISSUE_TEMPLATE/config.yml").keys()


def test_the_command_that_the_forms_ask_for_shows_no_key(run: Run, tmp_path: Path) -> None:
    """What is pasted into a public issue, the output of `crashguard status`, does not hold the DSN's key."""
    done = run(
        "import crashguard\ncrashguard.install(app='demo', version='1', dsn='http://k3yk3y@127.0.0.1:9/1', delivery='deferred')\n1 / 0\n"
    )
    status = subprocess.run(
        [sys.executable, "-m", "crashguard", "status"],
        env={"HOME": str(done.state.parents[2]), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "127.0.0.1:9" in status.stdout
    assert "k3yk3y" not in status.stdout


def test_security_points_to_no_address() -> None:
    """Reports go through GitHub's private reporting; the page links the two pages that say what is promised."""
    text = (ROOT / "SECURITY.md").read_text()

    assert "Report a vulnerability" in text
    assert not re.search(r"\S+@\S+\.\w+", text)
    assert {"docs/telemetry.md", "docs/scrubbing.md"} <= set(re.findall(r"\]\(([^)]+)\)", text))
    assert 10 == len(re.findall(r"^\d+\. ", text.partition("## Threat model")[2], re.MULTILINE))


def test_what_the_page_sets_up_is_declared() -> None:
    """The extra `dev` brings every tool that the commands call."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    brought = [each for extra in ("dev", "test", "test-core", "docs") for each in extras[extra]]
    names = {re.match(r"[\w-]+", each)[0] for each in brought}

    assert {"ruff", "mypy", "mkdocs", "pytest", "hatchling"} <= names
    assert any("test,docs" in each for each in extras["dev"])


def test_the_mutation_run_names_what_is_there() -> None:
    """Its settings name files and tests that exist, and it says what to install where cosmic-ray is missing."""
    settings = tomllib.loads((ROOT / "tools/mutants.toml").read_text())
    for module, tests in settings["modules"].items():
        assert (ROOT / module).is_file(), module
        for test in tests:
            assert test.startswith("-") or " " in test or (ROOT / test.partition("::")[0]).is_file(), test

    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.modules['cosmic_ray'] = None; import tools.mutate"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "pip install -e '.[mutation]'" in done.stderr
    assert (
        "mutation" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    )
