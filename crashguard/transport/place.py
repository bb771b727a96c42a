"""Finds out whether a detached process can outlive this one. The uploader is started only where one can.

A detached process dies with its container, with the service that it belongs to, with a step of a CI system,
and with a session that is cleaned up at logout. `why_not()` looks at the process that is number 1 here, at
namespaces, at the control group and at a few variables. Where they do not tell, the answer is that none can
live: then this process sends by itself, which is slower and always true.

It is asked when something has to be sent, not at a start. It takes about a tenth of a millisecond.
Sources: namespaces(7), pid_namespaces(7), cgroups(7), systemd.kill(5), logind.conf(5).
"""

import os
import sys

from crashguard import files

CI = "ci"
FUNCTION = "function"
FIRST = "first-process"
CONTAINER = "container"
NO_PROC = "no-proc"
SERVICE = "service"
SESSION = "session"
BATCH = "batch-job"

_SENTENCES = {
    CI: "a CI system ends what a step leaves behind",
    FUNCTION: "a serverless platform freezes what runs after the answer",
    FIRST: "this is the first process of its container",
    CONTAINER: "the container ends with its first process, which is no init of a machine",
    NO_PROC: "/proc does not show the first process of this PID namespace",
    SERVICE: "systemd ends what the main process of a service leaves behind",
    SESSION: "systemd-logind ends what a session leaves behind (KillUserProcesses=yes)",
    BATCH: "a batch system ends what a job leaves behind",
}

# Each is set by the system itself; most of the CI systems set CI as well.
_CI_SYSTEMS = (
    "CI",
    "TF_BUILD",  # Azure Pipelines
    "JENKINS_URL",
    "HUDSON_URL",
    "TEAMCITY_VERSION",
    "CODEBUILD_BUILD_ID",
    "GITHUB_ACTIONS",
    "bamboo_planKey",
    "GO_PIPELINE_LABEL",  # GoCD
    "HARNESS_BUILD_ID",
)
_VARIABLES = (
    (CI, _CI_SYSTEMS),
    (FUNCTION, ("AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_FUNCTION_NAME", "FUNCTIONS_WORKER_RUNTIME")),
    (FUNCTION, ("K_SERVICE", "FUNCTION_TARGET", "FLY_APP_NAME", "DYNO")),
    (BATCH, ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "_CONDOR_SCRATCH_DIR")),
)
_NO = ("", "0", "false", "no", "off")

# The numbers of the machine's own namespaces (PROC_PID_INIT_INO and PROC_UTS_INIT_INO, linux/proc_ns.h).
_MACHINE_PIDS, _MACHINE_NAMES = "pid:[4026531836]", "uts:[4026531838]"
# Process 1 of a container that runs a whole system (LXC, systemd-nspawn --boot, WSL) ends with the machine.
# A script called init is its interpreter in its command line, so that it is not taken for one of these.
_INITS = ("systemd", "init", "/init", "/sbin/init", "/usr/sbin/init", "/bin/init", "/usr/bin/init")
# First processes that end with the program which they started, though they may be number 1 of a small
# virtual machine.
_SMALL = (
    "sh",
    "bash",
    "dash",
    "ash",
    "tini",
    "docker-init",
    "dumb-init",
    "catatonit",
    "podman-init",
    "pause",
)
_CONTAINERS = ("docker", "libpod", "kubepods", "cri", "crio", "ecs")
_LOGIND = ("/usr/lib/systemd", "/lib/systemd", "/run/systemd", "/etc/systemd")


def why_not() -> str | None:
    """The reason why no detached process can outlive this one, a name of this module; None where one can."""
    for reason, variables in _VARIABLES:
        if any(map(_is_set, variables)):
            return reason
    if os.getpid() == 1:
        return FIRST
    if os.environ.get("SYSTEMD_EXEC_PID") == str(os.getpid()):
        return SERVICE
    return _why_not_on_linux() if sys.platform == "linux" else None


def is_ci() -> bool:
    """Whether this is a CI system, whose output nobody reads while it runs."""
    return any(map(_is_set, _CI_SYSTEMS))


def _is_set(name: str) -> bool:
    return os.environ.get(name, "").lower() not in _NO


def explain(reason: str) -> str:
    """The sentence for a reason."""
    return _SENTENCES.get(reason, reason)


def _why_not_on_linux() -> str | None:
    pids = _namespace("pid")
    if pids is None:
        return NO_PROC
    if pids != _MACHINE_PIDS:
        # More than one number: /proc is that of a namespace above, and its process 1 is not ours.
        if len(_text("/proc/self/status").partition("NSpid:")[2].partition("\n")[0].split()) != 1:
            return NO_PROC
        if not _is_init(_text("/proc/1/cmdline").partition("\0")[0]):
            return CONTAINER
    elif _namespace("uts") != _MACHINE_NAMES or _text("/proc/1/comm").strip() in _SMALL:
        return CONTAINER  # one that shares the machine's process numbers
    return _why_not_in_group(_control_group())


def _namespace(kind: str) -> str | None:
    try:
        return os.readlink(f"/proc/self/ns/{kind}")
    except OSError:
        return None


def _is_init(command: str) -> bool:
    """Whether process 1 is the init of a machine, from the first word of its command line."""
    command = (command.split() or [""])[0]  # sysvinit writes its run level behind its name
    return command in _INITS or os.path.basename(command) == "systemd"


def _why_not_in_group(group: str) -> str | None:
    """The reason that a control group gives; None without one."""
    parts = group.split("/")
    if any(part.replace(".", "-").partition("-")[0] in _CONTAINERS for part in parts):
        return CONTAINER
    for part in reversed(parts):
        if part.endswith(".service"):
            return SERVICE
        if part.endswith(".scope"):  # ends with the last of its processes, whichever that is
            return SESSION if part.startswith("session-") and _ends_sessions() else None
    return None


def _control_group() -> str:
    """The control group in which systemd keeps this process; empty where there is none."""
    for line in _text("/proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers == "name=systemd" or (not controllers and path != "/"):
            return path
    return ""


def _ends_sessions() -> bool:
    """Whether systemd-logind ends the processes of a session at logout; the last setting read counts."""
    found = False
    for folder in _LOGIND:
        drop_ins = os.path.join(folder, "logind.conf.d")
        paths = [
            os.path.join(folder, "logind.conf"),
            *(os.path.join(drop_ins, n) for n in files.names(drop_ins)),
        ]
        for path in paths:
            for line in _text(path).splitlines():
                key, _, value = line.partition("=")
                if key.strip() == "KillUserProcesses":
                    found = value.strip().lower() in ("1", "yes", "y", "true", "t", "on")
    return found


def _text(path: str) -> str:
    try:
        return files.read(path, 20_000, links=True).decode("utf-8", "replace")
    except OSError:
        return ""
