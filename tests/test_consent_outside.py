"""A no in every place where a run can be told of one: an installed crashguard, scripts, a real server, the disk."""

import os
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import outside
from tests.servers import Server, eventually

pytestmark = pytest.mark.slow  # pip builds an environment first

ABOUT = 'app="outside", version="1.2.3", dsn=os.environ.get("OUTSIDE_DSN")'
FIRST = f"import os, subprocess, sys\nimport crashguard\ncrashguard.install({ABOUT})\n"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def traces(tool: outside.Tool) -> list[Path]:
    """Everything of crashguard's that lies in the home, folders too."""
    return [path for path in tool.home.rglob("*") if "crashguard" in path.name]


def arrived(server: Server) -> list[str]:
    """The type of the exception of every report that the server has, in order of the alphabet."""
    return sorted(event["exception"]["values"][-1]["type"] for event in server.events)


def script(tool: outside.Tool, source: str, name: str = "own.py") -> str:
    """Write a script into the home of the user, and return its name."""
    tool.home.mkdir(exist_ok=True)
    (tool.home / name).write_text(textwrap.dedent(source))
    return name


def run(tool: outside.Tool, source: str, *arguments: str, **environment: str) -> str:
    """Run a script with the tool's interpreter; what it printed on both streams."""
    done = tool.run(script(tool, source), *arguments, command="python", **environment)
    return done.stdout + done.stderr


def sends(tool: outside.Tool, server: Server, *types: str) -> None:
    """A later run at `all` sends its own crash; by then anything that lay there would have gone before it."""
    run(tool, f"{FIRST}raise LookupError", OUTSIDE_TELEMETRY_LEVEL="all")
    eventually(lambda: "LookupError" in arrived(server), lambda: (server.posted, tool.files))
    assert sorted([*types, "LookupError"]) == arrived(server)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--telemetry-level", "all"],
        ["--telemetry-level=all"],
        ["run", "other", "--telemetry-level", "all"],
        ["--name", "--telemetry-level", "all"],
    ],
)
def test_what_nobody_has_parsed_gives_nothing(home: Path, server: Server, arguments: list[str]) -> None:
    """A yes in the arguments may be another program's or another option's: it counts when the tool hands it over."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)

    run(tool, f"{FIRST}raise KeyError", *arguments, OUTSIDE_TELEMETRY_LEVEL="none")
    assert [] == traces(tool)
    second = f'crashguard.install({ABOUT}, telemetry_level="all")\nraise ValueError'
    run(tool, FIRST + second, *arguments, OUTSIDE_TELEMETRY_LEVEL="none")
    eventually(lambda: arrived(server) == ["ValueError"], lambda: (server.posted, tool.files))


@pytest.mark.parametrize(
    "second",
    [
        'telemetry_level="nnoe"',
        "telemetry_level=3",
        'telemetry_level="none", dsn="nowhere"',
        'refused_by="--no-sentry", messages="wrong"',
        'env_var="OTHER_LEVEL"',
        "",
    ],
)
def test_a_second_call_that_fails_takes_away_all_the_same(home: Path, server: Server, second: str) -> None:
    """What the first call began is undone; a right value later counts."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    source = f"""{FIRST}
os.environ.update(OTHER_LEVEL="nnoe", OUTSIDE_TELEMETRY_LEVEL={"nnoe" if not second else ""!r})
try:
    crashguard.install(app="outside", version="1.2.3"{second and f", {second}"})
except crashguard.ConfigurationError:
    pass
"""
    run(tool, f"{source}import ctypes; ctypes.string_at(0)")
    run(tool, f"{source}raise KeyError")
    assert [] == traces(tool)
    run(
        tool, f'{source}crashguard.install({ABOUT}, telemetry_level="all", refused_by=None)\nraise IndexError'
    )
    eventually(lambda: arrived(server) == ["IndexError"], lambda: (server.posted, tool.files))


@pytest.mark.parametrize("end", ["raise KeyError", "ctypes.string_at(0)"])
def test_a_spawned_child_hears_the_choice_that_is_saved_while_it_runs(
    home: Path, server: Server, end: str
) -> None:
    """It runs already, so that no flag and no call of its parent can reach it: the file is asked when it crashes."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    source = f"""{FIRST}
import ctypes, multiprocessing, pathlib
def work(ready, go):
    ready.set()
    go.wait()
    {end}
if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    ready, go = context.Event(), context.Event()
    child = context.Process(target=work, args=(ready, go))
    child.start()
    ready.wait()
    folder = pathlib.Path.home() / ".config" / "crashguard"
    folder.mkdir(parents=True)
    (folder / "telemetry-level").write_text("none")
    go.set()
    child.join()
    assert child.exitcode
"""
    assert "assert child.exitcode" not in run(tool, source)
    sends(tool, server)


@pytest.mark.parametrize("had", [None, ".local/state"])
def test_a_later_no_removes_the_folders_that_were_made_for_this_run(
    home: Path, server: Server, had: str | None
) -> None:
    """While the run goes on and after it; a folder that was there before stays, though it is empty."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    if had is not None:
        (home / had).mkdir(parents=True)
    before = sorted(home.rglob("*"))
    source = f"""{FIRST}
crashguard.install(app="outside", version="1.2.3", telemetry_level="none")
os.system("find $HOME -mindepth 1")
"""
    assert sorted([*map(str, before), str(home / "own.py")]) == sorted(run(tool, source).split())
    assert sorted([*before, home / "own.py"]) == sorted(home.rglob("*"))


def test_a_wrong_variable_is_named_once(home: Path, server: Server) -> None:
    """However often install() is called."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)

    shown = run(tool, f"{FIRST}crashguard.install({ABOUT})", OUTSIDE_TELEMETRY_LEVEL="nnoe")
    assert 1 == shown.count("nnoe")


@pytest.mark.parametrize("name", ["OUTSIDE_TELEMETRY_LEVEL", "OLD_LEVEL", "FIRST_LEVEL"])
def test_a_no_counts_under_each_name_that_is_known(home: Path, server: Server, name: str) -> None:
    """Named by the app, by the tool as a former one, and by an earlier call; on a machine that knows no report."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    source = f"""{FIRST.replace("crashguard.install(", 'crashguard.install(env_var="FIRST_LEVEL", ')}
crashguard.install({ABOUT}, env_var=["NEW_LEVEL", "OLD_LEVEL"])
raise KeyError
"""
    run(tool, source, **{name: "none"})
    assert [] == traces(tool)
    run(tool, source, NEW_LEVEL="all")
    eventually(lambda: arrived(server) == ["KeyError"], lambda: (server.posted, tool.files))


def test_the_no_reaches_every_child_process(home: Path, server: Server) -> None:
    """Of `subprocess` too: the tool's own variable is set and no other; a child is never allowed more by it."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    child = script(tool, f"{FIRST}raise KeyError", "child.py")
    source = f"""{FIRST}
before = dict(os.environ)
LATER
subprocess.run([sys.executable, {child!r}])
os.system(sys.executable + " {child}")
print({{name: value for name, value in os.environ.items() if before.get(name) != value}})
"""
    shown = run(tool, source.replace("LATER", ""), "--telemetry-level", "none")
    assert "{}" in shown
    assert [] == traces(tool)
    later = f'crashguard.install({ABOUT}, telemetry_level="none")'
    assert "{'OUTSIDE_TELEMETRY_LEVEL': 'none'}" in run(tool, source.replace("LATER", later))
    assert [] == traces(tool)
    run(tool, source.replace("LATER", later.replace("none", "all")), OUTSIDE_TELEMETRY_LEVEL="none")
    assert not [path for path in tool.files if path.suffix == ".envelope"]
    again = f"{later}\ncrashguard.install({ABOUT}, telemetry_level='all')"
    assert "{}" in run(tool, source.replace("LATER", again))
    eventually(lambda: arrived(server) == ["KeyError"], lambda: (server.posted, tool.files))


@pytest.mark.parametrize("second", ["native=False, markers=False", 'telemetry_level="stats"'])
def test_a_later_install_reaches_spawned_children(home: Path, server: Server, second: str) -> None:
    """A child of multiprocessing that runs the tool's main module does what the parent's last call said."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    source = f"""{FIRST}
import ctypes, multiprocessing

def work():
    for folder, _, names in os.walk(os.environ["HOME"]):
        print(*[name for name in names if name.endswith((".run", ".native"))], end="")
    sys.stdout.flush()
    ctypes.string_at(0)

if __name__ == "__main__":
    crashguard.install(app="outside", version="1.2.3", {second})
    process = multiprocessing.get_context("spawn").Process(target=work)
    process.start()
    process.join()
    print("ended", process.exitcode)
"""
    assert "ended -11\n" == run(tool, source)
    sends(tool, server)


# The program saves the choice itself with crashguard's command, as a person would in another terminal.
SAVE = """
def level(*arguments):
    command = os.path.join(os.path.dirname(sys.executable), "crashguard")
    subprocess.run([command, "level", *arguments], check=True, capture_output=True)
"""
ENDS = {
    "native": "import ctypes; ctypes.string_at(0)",
    "abort": "os.abort()",
    "minimal": "sys.excepthook.previous = lambda *args: os._exit(3)\nraise KeyError",
    "forked": "os.fork() or os.abort()\nos.wait()\nos.abort()",
}


@pytest.mark.parametrize("end", ENDS)
def test_a_later_yes_sends_nothing_that_was_recorded_under_a_no(home: Path, server: Server, end: str) -> None:
    """A no is saved while the program runs, it dies, and only then a yes is saved."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    run(tool, f"{FIRST}{SAVE}level('none')\n{ENDS[end]}")
    run(tool, f"import os, subprocess, sys\n{SAVE}level('all')")

    sends(tool, server)


@pytest.mark.parametrize("end", ENDS)
def test_a_yes_under_which_it_was_recorded_still_sends_it(home: Path, server: Server, end: str) -> None:
    """A no that ended before, one for another tool, and a yes that is said again withhold nothing."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    choices = "level('none', '--app', 'other', '--yes'); level('none'); level('all')"
    run(tool, f"{FIRST}{SAVE}{choices}\n{ENDS[end]}")
    run(tool, f"import os, subprocess, sys\n{SAVE}level('all'); level('errors', '--app', 'outside')")

    run(tool, f"{FIRST}raise LookupError")
    eventually(lambda: len(server.events) > 1, lambda: (server.posted, tool.files))


def test_a_choice_that_was_written_by_hand_counts_from_then_on(home: Path, server: Server) -> None:
    """Nobody knows what it replaced, so what lies there already does not leave."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    run(tool, f"{FIRST}{ENDS['native']}")
    (home / ".config/crashguard").mkdir(parents=True)
    (home / ".config/crashguard/telemetry-level").write_text("all 2026-01-31T12:00:00Z\n")

    sends(tool, server)


ODD: dict[str, Callable[[Path], object]] = {
    "rubbish": lambda path: path.write_bytes(b"all 2026-01-31T12:00:00Z\n" + b"\0" * 5_000_000),
    "words": lambda path: path.write_text("all none\n"),
    "huge": lambda path: path.write_text("all" + " " * 5_000_000),
    "binary": lambda path: path.write_bytes("all".encode("utf-16")),
    "empty": lambda path: path.write_text(""),
    "link": lambda path: path.symlink_to("nowhere"),
    "folder": Path.mkdir,
    "fifo": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
}
PLACES = ["telemetry-level", "outside/telemetry-level"]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("place", PLACES)
def test_an_odd_choice_is_a_no(home: Path, server: Server, odd: str, place: str) -> None:
    """Nothing is recorded, and one line says which file it is."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    path = home / ".config/crashguard" / place
    path.parent.mkdir(parents=True)
    ODD[odd](path)

    shown = run(tool, f"{FIRST}crashguard.install({ABOUT})\nraise KeyError")
    assert 1 == shown.count(str(path)), shown
    assert 1 == shown.count("nothing is recorded or sent")
    assert [home / ".config/crashguard"] == traces(tool)


@pytest.mark.parametrize("place", [".config", ".config/crashguard", ".config/crashguard/outside"])
@pytest.mark.parametrize("odd", ["empty", "link", "fifo"])
def test_what_is_no_folder_is_a_no(home: Path, server: Server, odd: str, place: str) -> None:
    """A folder may hold a no, so what lies in its place may hide one."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)
    path = home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    ODD[odd](path)

    shown = run(tool, f"{FIRST}raise KeyError")
    assert 1 == shown.count(f"{path} is "), shown
    assert not (home / ".local").exists()


@pytest.mark.parametrize(
    ("variable", "value"), [("HOME", "/nonexistent"), ("HOME", "/dev/null"), ("XDG_CONFIG_HOME", "/dev/null")]
)
def test_a_user_without_a_place_for_choices_has_said_nothing(
    home: Path, server: Server, variable: str, value: str
) -> None:
    """Service users have such homes; nothing is odd about that."""
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn)

    state = {"XDG_STATE_HOME": str(home / "state")}
    assert "KeyError" in run(tool, f"{FIRST}raise KeyError", **{variable: value, **state})
    eventually(lambda: arrived(server) == ["KeyError"], lambda: (server.posted, tool.files))
