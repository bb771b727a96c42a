"""The machine's word, and homes of other users: an installed crashguard, a /etc of the test's own, a real server."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import namespaces, outside
from tests.servers import Server, eventually
from tests.test_consent_outside import FIRST, ODD, arrived, script, traces

pytestmark = pytest.mark.slow  # pip builds an environment first

STRANGER = 54_321  # the uid of another user


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


class Machine:
    """A machine with an /etc of its own, on which the tool is installed."""

    def __init__(self, tool: outside.Tool, folder: Path) -> None:
        self.tool = tool
        self.words = namespaces.machine_of_its_own(folder)
        self.choice = folder / "etc/crashguard/telemetry-level"
        tool.home.mkdir(exist_ok=True)

    def run(self, command: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Start one of the tool's commands on it; its user is root there."""
        return subprocess.run(
            [*self.words, str(self.tool.bin / command), *arguments],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.tool.home),
                **self.tool.environment,
                **more,
            },
            cwd=self.tool.home,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def level(self, *arguments: str) -> str:
        done = self.run("crashguard", "level", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def machine(home: Path, tmp_path: Path, server: Server) -> Machine:
    return Machine(outside.tool(home, OUTSIDE_DSN=server.dsn), tmp_path / "machine")


def test_the_machines_choice_holds_for_who_has_said_nothing(machine: Machine, server: Server) -> None:
    """`level none --machine` is written and shown; the flag, the variable and a saved choice of the user are stronger."""
    assert "/etc/crashguard/telemetry-level" in machine.level("none", "--machine")
    assert "none (machine's choice, since 2" in machine.run("crashguard", "status").stdout
    for death in ("first", "native", "thread", "child"):
        machine.run("outside", death)
    assert [] == traces(machine.tool)

    machine.run("outside", "--telemetry-level", "errors", "first")
    eventually(lambda: ["KeyError"] == arrived(server), lambda: machine.tool.files)
    about = server.events[0]["contexts"]["crashguard"]
    assert ("errors", "--telemetry-level") == (about["telemetry_level"], about["telemetry_level_source"])
    machine.run("outside", "number", OUTSIDE_TELEMETRY_LEVEL="errors")
    eventually(lambda: 2 == len(server.events), lambda: machine.tool.files)
    machine.level("all")
    machine.run("outside", "second")
    eventually(lambda: 3 == len(server.events), lambda: machine.tool.files)
    assert not Path("/etc/crashguard/telemetry-level").exists()


def test_a_final_no_is_stronger_than_everything(machine: Machine, server: Server) -> None:
    """Than the flag, the variable, the saved choice and all three; the command says so where it saves a yes."""
    machine.level("none", "--machine", "--final")
    assert "But machine's choice counts here in its place: none" in machine.level("all")
    for arguments in ([], ["--telemetry-level", "all"]):
        for death in ("first", "native", "killed"):
            machine.run("outside", *arguments, death, OUTSIDE_TELEMETRY_LEVEL="all")
    assert [".config/crashguard"] == [
        str(each.relative_to(machine.tool.home)) for each in traces(machine.tool)
    ]

    machine.level("errors", "--machine", "--final")
    machine.run("outside", "--telemetry-level=all", "first")
    eventually(lambda: ["KeyError"] == arrived(server), lambda: machine.tool.files)
    about = server.events[0]["contexts"]["crashguard"]
    lowered = "--telemetry-level, lowered by machine's choice"
    assert ("errors", lowered) == (about["telemetry_level"], about["telemetry_level_source"])


def write(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text)


MACHINES = {
    **ODD,
    "misspelt": write("none 2026-01-31T12:00:00Z FINAL\n"),
    "comment": write("# by our configuration manager\nnone final\n"),
    "two dates": write("errors 2026-01-31T12:00:00Z 2026-01-31T12:00:00Z\n"),
}


@pytest.mark.parametrize("odd", MACHINES)
def test_an_odd_file_of_the_machine_is_a_no(machine: Machine, odd: str) -> None:
    """Also against the flag. The tool runs, with one line that says which file it is."""
    machine.choice.parent.mkdir(parents=True)
    MACHINES[odd](machine.choice)

    for arguments in (["first"], ["--telemetry-level", "all", "first"]):
        done = machine.run("outside", *arguments)
        assert "KeyError: 'one'" in done.stderr
        assert 1 == done.stderr.count("/etc/crashguard/telemetry-level"), done.stderr
        assert 1 == done.stderr.count("nothing is recorded or sent")
    assert [] == traces(machine.tool)


@pytest.mark.parametrize("words", ["", " final"])
@pytest.mark.parametrize("value", ["none", "all"])
@pytest.mark.parametrize("whose", ["others can write it", "a stranger's", "a stranger's folder"])
def test_a_file_of_the_machine_that_is_not_the_administrators(
    machine: Machine, server: Server, value: str, words: str, whose: str
) -> None:
    """It counts for a no and not for a yes; `status` says so."""
    if os.geteuid() != 0 and whose != "others can write it":
        pytest.skip("only root can give a file away")
    machine.choice.parent.mkdir(parents=True)
    machine.choice.write_text(f"{value}{words}\n")
    if whose == "others can write it":
        machine.choice.chmod(0o666)
    else:
        os.chown(machine.choice.parent if "folder" in whose else machine.choice, STRANGER, STRANGER)
    asks = FIRST.replace("crashguard.install(", 'crashguard.install(default_level="none", ')
    machine.run("python", script(machine.tool, f"{asks}raise KeyError"))
    if value == "none":
        machine.run("outside", "first")
    assert [] == traces(machine.tool)

    shown = machine.run("crashguard", "status").stdout
    told = "none (machine's choice" if value == "none" else "counts for a no only"
    assert told in shown


def test_a_choice_behind_a_link_is_one(machine: Machine, server: Server) -> None:
    """Configuration managers make links; what root alone can write is believed for a yes, too."""
    machine.choice.parent.mkdir(parents=True)
    (machine.choice.parent / "managed").write_text("errors\n")
    machine.choice.symlink_to("managed")
    asks = FIRST.replace("crashguard.install(", 'crashguard.install(default_level="none", ')
    machine.run("python", script(machine.tool, f"{asks}raise KeyError"))

    eventually(lambda: ["KeyError"] == arrived(server), lambda: machine.tool.files)
    about = server.events[0]["contexts"]["crashguard"]
    assert ("errors", "machine's choice") == (about["telemetry_level"], about["telemetry_level_source"])


DURING = f"""{FIRST}
def administrator(text):
    os.makedirs("/etc/crashguard", exist_ok=True)
    with open("/etc/crashguard/telemetry-level", "w") as file:
        file.write(text)

"""
HANDLED = "try: raise KeyError\nexcept KeyError as error: crashguard.capture_exception(error)\n"


@pytest.mark.parametrize("words", ["none", "none final", "stats final"])
def test_a_no_of_the_machine_that_comes_during_a_run(machine: Machine, server: Server, words: str) -> None:
    """Written by hand: what the run has recorded does not leave, and it records no more, however it dies."""
    for end in ("raise LookupError", "import ctypes; ctypes.string_at(0)", "os.kill(os.getpid(), 9)"):
        source = f"{DURING}{HANDLED}administrator('{words}')\n{end}"
        machine.run("python", script(machine.tool, source))
        eventually(lambda: not [each for each in machine.tool.files if each.parent.name == "waiting"])
        machine.choice.write_text("all")  # by hand: nobody knows when the no ended
        machine.run("outside", "ok")
        machine.choice.unlink()
        machine.run("outside", "ok")
    machine.run("outside", "number")
    eventually(lambda: "ValueError" in arrived(server), lambda: machine.tool.files)
    assert ["ValueError"] == arrived(server)


@pytest.mark.parametrize("who", ["root", "another"])
@pytest.mark.parametrize("saved", ["none", "stats", "errors", "all"])
def test_a_home_of_another_user(home: Path, tmp_path: Path, server: Server, who: str, saved: str) -> None:
    """Root with a user's HOME, and an image that somebody built and another runs: what was saved counts for a no."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a home away")
    words = () if who == "root" else namespaces.as_another_user()
    tool = outside.tool(home, OUTSIDE_DSN=server.dsn, TMPDIR=str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    assert 0 == tool.run("level", saved, command="crashguard").returncode
    for path in (home, *home.rglob("*")):
        os.chown(path, STRANGER, STRANGER)
        path.chmod(0o755 if path.is_dir() else 0o644)

    def run(command: str, *arguments: str) -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), **tool.environment}
        done = subprocess.run(
            [*words, tool.bin / command, *arguments],
            env=environment, cwd=home, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr

    asks = FIRST.replace("crashguard.install(", 'crashguard.install(default_level="none", ')
    for name in ("ask.py", "own.py"):
        (home / name).write_text((asks if name == "ask.py" else FIRST) + "raise KeyError")
    run("python", "ask.py")
    assert [] == list((tmp_path / "tmp").rglob("*.envelope")), "a yes of somebody else"
    run("python", "own.py")
    if saved in ("none", "stats"):
        assert [] == list((tmp_path / "tmp").rglob("crashguard*"))
        assert f"{saved} (" in run("crashguard", "status")
    else:
        eventually(lambda: ["KeyError"] == arrived(server), lambda: list(tmp_path.rglob("*")))
    assert f"the home directory {home} belongs to another user" in run("crashguard", "level", "none")
