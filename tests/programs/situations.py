"""Where a process lives, and who sends its crash: the one table behind tests/test_situations.py and docs/delivery.md.

A row is staged in one of two ways: a real process is started there (`start`, `environment`, `before`), or, where no test
can make the place, what Linux says of it is handed to the code that asks (`facts`).
"""

import attrs

UPLOADER = "a detached uploader"
ITSELF = "the process itself"
AFTER = "when the crashed process has ended"
BEFORE = "before it ends, within 2 seconds"
AT_ONCE = "at once, from a thread"

MACHINE = {"pid": "pid:[4026531836]", "uts": "uts:[4026531838]"}
INNER = {"pid": "pid:[4026532178]", "uts": "uts:[4026532177]"}
ALONE = "NSpid:\t17\n"


@attrs.frozen
class Situation:
    """One row.

    Attributes:
        name: For the test's id.
        where: Where the process lives and how it dies, for the page.
        who: Who sends.
        when: When.
        start: What is put before the command that starts the tool; `{tool}` in its last word stands for it.
        within: More options of unshare(1), where it lives in a PID namespace of its own.
        environment: What the place sets.
        before: What the program does before it installs crashguard.
        body: How it crashes.
        facts: What the files of /proc and /etc hold, by path, in place of a real process.
        namespaces: The namespaces of such a process.
        pid: Its number.
        reason: The reason of `crashguard.transport.place` for it.
    """

    name: str
    where: str
    who: str = ITSELF
    when: str = BEFORE
    start: tuple[str, ...] = ()
    within: tuple[str, ...] | None = None
    environment: dict[str, str] = attrs.field(factory=dict)
    before: str = ""
    body: str = "1 / 0\n"
    facts: dict[str, str] | None = None
    namespaces: dict[str, str] = attrs.field(factory=dict)
    pid: int = 17
    reason: str | None = None


NEW, NEW_WITHOUT_PROC = ("--mount-proc",), ()


def _under(first: str) -> tuple[str, ...]:
    """Below a shell that calls itself `first`."""
    return ("bash", "-c", f"exec -a {first} bash -c '{{tool}}; true'")


def _group(path: str, **more: str) -> dict[str, str]:
    return {"/proc/self/cgroup": f"0::{path}\n", "/proc/1/comm": "systemd\n", **more}


LOGIND = {"/etc/systemd/logind.conf": "[Login]\n#KillUserProcesses=no\nKillUserProcesses = yes\n"}
USER = "/user.slice/user-1000.slice"

SITUATIONS = [
    Situation("terminal", "a terminal, a desktop", UPLOADER, AFTER),
    Situation("nohup", "`nohup`, `setsid`, `timeout`, `make`", UPLOADER, AFTER, ("nohup",)),
    Situation(
        "ssh",
        "an ssh session that ends with the program",
        UPLOADER,
        AFTER,
        facts=_group(f"{USER}/session-3.scope"),
        namespaces=MACHINE,
    ),
    Situation(
        "ssh cleaned up",
        "the same where logind has `KillUserProcesses=yes`",
        facts=_group(f"{USER}/session-3.scope", **LOGIND),
        namespaces=MACHINE,
        reason="session",
    ),
    Situation(
        "desktop terminal",
        "a terminal of a desktop, tmux: a scope of the user's own manager",
        UPLOADER,
        AFTER,
        facts=_group(f"{USER}/user@1000.service/app.slice/vte-spawn-1.scope", **LOGIND),
        namespaces=MACHINE,
    ),
    Situation(
        "service",
        "a systemd service, of the machine or of a user, with all processes that it starts",
        facts=_group("/system.slice/demo.service"),
        namespaces=MACHINE,
        reason="service",
    ),
    Situation(
        "user service",
        "a systemd service, of the machine or of a user, with all processes that it starts",
        facts=_group(f"{USER}/user@1000.service/app.slice/demo.service/workers"),
        namespaces=MACHINE,
        reason="service",
    ),
    Situation(
        "main process of a service",
        "a systemd service, of the machine or of a user, with all processes that it starts",
        start=("bash", "-c", "SYSTEMD_EXEC_PID=$$ exec {tool}"),
    ),
    Situation(
        "cron",
        "cron, where it opens no session for a job",
        facts=_group("/system.slice/cron.service"),
        namespaces=MACHINE,
        reason="service",
    ),
    Situation(
        "cron with a session",
        "cron, where it opens a session for a job (PAM)",
        UPLOADER,
        AFTER,
        facts=_group("/user.slice/user-0.slice/session-c7.scope"),
        namespaces=MACHINE,
    ),
    Situation("CI", "a step of a CI system", environment={"CI": "true"}),
    Situation("Jenkins", "a step of a CI system", environment={"JENKINS_URL": "https://jenkins.example/"}),
    Situation("no CI", "a terminal, a desktop", UPLOADER, AFTER, environment={"CI": "false"}),
    Situation(
        "Slurm", "a job of a batch system (Slurm, PBS, LSF, HTCondor)", environment={"SLURM_JOB_ID": "4"}
    ),
    Situation(
        "Lambda",
        "AWS Lambda, Google Cloud Run and Functions, Azure Functions: what is not sent before the sandbox freezes goes on when it thaws, or with a later start on the same disk",
        environment={"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"},
    ),
    Situation("first process", "a container's first process", within=NEW),
    Situation(
        "first process, no /proc of its own",
        "a PID namespace without a /proc of its own",
        within=NEW_WITHOUT_PROC,
    ),
    Situation(
        "shell without /proc",
        "a PID namespace without a /proc of its own",
        within=NEW_WITHOUT_PROC,
        start=("sh", "-c", "{tool}; true"),
    ),
    Situation(
        "shell",
        "a container whose first process is a shell or an entrypoint script",
        within=NEW,
        start=("sh", "-c", "{tool}; true"),
    ),
    Situation(
        "script called init",
        "a container whose first process is a shell or an entrypoint script",
        within=NEW,
        start=_under("/init.sh"),
    ),
    Situation(
        "docker --init", "`docker run --init`, tini, dumb-init", within=NEW, start=_under("docker-init")
    ),
    Situation(
        "shared by a pod", "Kubernetes with `shareProcessNamespace`", within=NEW, start=_under("/pause")
    ),
    Situation(
        "system container",
        "a container that runs a whole system (systemd as its first process), WSL",
        UPLOADER,
        AFTER,
        facts={"/proc/self/status": ALONE, "/proc/1/cmdline": "/usr/lib/systemd/systemd\0--system\0"},
        namespaces=INNER,
    ),
    Situation(
        "sysvinit",
        "a container that runs a whole system (systemd as its first process), WSL",
        UPLOADER,
        AFTER,
        facts={"/proc/self/status": ALONE, "/proc/1/cmdline": "init [2]  "},
        namespaces=INNER,
    ),
    Situation(
        "script that is /init",
        "a container whose first process is a shell or an entrypoint script",
        facts={"/proc/self/status": ALONE, "/proc/1/cmdline": "/bin/sh\0/init\0"},
        namespaces=INNER,
        reason="container",
    ),
    Situation(
        "docker exec",
        "a program that is started in a container beside its first process (`docker exec`)",
        facts={"/proc/self/status": ALONE, "/proc/1/cmdline": "postgres\0"},
        namespaces=INNER,
        reason="container",
    ),
    Situation(
        "docker --pid=host",
        "a container that shares the machine's process numbers (`docker run --pid=host`, toolbox)",
        facts=_group("/"),
        namespaces={**MACHINE, "uts": "uts:[4026532177]"},
        reason="container",
    ),
    Situation(
        "docker --pid=host --uts=host",
        "a container that shares the machine's process numbers (`docker run --pid=host`, toolbox)",
        facts=_group("/system.slice/docker-0f3a.scope"),
        namespaces=MACHINE,
        reason="container",
    ),
    Situation(
        "small virtual machine",
        "a virtual machine that ends with one program",
        facts={"/proc/1/comm": "tini\n"},
        namespaces=MACHINE,
        reason="container",
    ),
    Situation(
        "hidden /proc",
        "a PID namespace without a /proc of its own",
        facts={"/proc/self/status": "NSpid:\t4711\t17\n", "/proc/1/cmdline": "/sbin/init\0"},
        namespaces=INNER,
        reason="no-proc",
    ),
    Situation("no /proc", "no /proc at all", facts={}, reason="no-proc"),
    Situation(
        "child signal",
        "a program with a handler of its own for SIGCHLD",
        before="import signal\nsignal.signal(signal.SIGCHLD, lambda *args: print('told of a child'))\n",
    ),
    Situation(
        "frozen",
        "a frozen program (PyInstaller, cx_Freeze, Nuitka)",
        before="import sys\nsys.frozen = True\n",
    ),
    Situation(
        "its own interpreter",
        "a program that embeds Python",
        before="import sys\nsys.executable = '/usr/bin/blender'\n",
    ),
    Situation(
        "libraries in an archive",
        "a zipapp or pex, as far as its libraries are not unpacked",
        before="import crashguard.transport.spawn as spawn\nspawn._SCRIPT = '/srv/tool.pyz/crashguard/transport/uploader.py'\n",
    ),
    Situation(
        "relative interpreter",
        "an interpreter that was found through a relative PATH, after a change of the working directory",
        UPLOADER,
        AFTER,
        before="import os, sys\nsys.executable = os.path.join('bin', os.path.basename(sys.executable))\nos.chdir('/')\n",
    ),
    Situation(
        "replaced hook",
        "any of the above, where typer or rich replaced the hook (found at exit)",
        environment={"CI": "1"},
        body="import sys\nsys.excepthook = lambda *args: None\n1 / 0\n",
    ),
    Situation(
        "atexit callback",
        "any of the above, in an `atexit` callback",
        environment={"CI": "1"},
        body="import atexit\natexit.register(lambda: 1 / 0)\n",
    ),
    Situation(
        "no module, no thread",
        "any of the above, where no module can be imported and no thread started any more",
        environment={"CI": "1"},
        body=(
            "import sys, _thread\nsys.excepthook = lambda *args: None\n"
            "import crashguard.reporter, crashguard.registry, crashguard.transport, atexit, threading\n"
            "def at_the_end():\n"
            "    def no(*args, **more): raise RuntimeError('not at the end')\n"
            "    threading._start_new_thread = _thread.start_new_thread = no\n"
            "    if hasattr(threading, '_start_joinable_thread'): threading._start_joinable_thread = no\n"
            "    sys.modules['sentry_sdk'] = None\n"
            "crashguard.client.current_client()\natexit.register(at_the_end)\n1 / 0\n"
        ),
    ),
    Situation(
        "goes on",
        "a guard, `capture_exception()` or a thread in a program that goes on: a container's first process, a worker",
        when=AT_ONCE,
        within=NEW,
        body=(
            "import time\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    crashguard.capture_exception()\n"
            "print('on', flush=True)\nwhile True:\n    time.sleep(60)\n"
        ),
    ),
]


def page() -> list[str]:
    """The rows of the page, without those that differ in how they are staged alone."""
    lines = {
        f"| {row.where[:1].upper() + row.where[1:]} | {row.who} | {row.when} |": None for row in SITUATIONS
    }
    return list(lines)
