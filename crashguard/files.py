"""The only module that opens files and makes folders.

A file that must be complete is written under a temporary name on the same volume and then renamed, so that a
reader sees the whole file or no file. Where a pipe, a device or a link lies in place of a file, the call
fails and does not wait. Everything is private: folders have mode 0700, files 0600.

A dying process writes through this module. So it imports only what the interpreter has loaded at its start.
It keeps what a program may replace later: the functions of the system, and for such modules the builtins.
"""

import os
import stat
import sys
import time

# A dict, in PyPy the module. Not `import builtins`: in a program that has emptied `sys.modules`, and loads
# this file once more, that would make a second module of the name, which has no exceptions.
_builtins = vars(sys.modules[__name__])["__builtins__"]
_KEPT = (_builtins if type(_builtins) is dict else vars(_builtins)).copy()


def keep_builtins(module: str) -> None:
    """Have the functions of a module that are defined from now on use the builtins of the start.

    A program may have replaced `len` or `isinstance`, or taken it away, before it dies.
    """
    vars(sys.modules[module])["__builtins__"] = _KEPT  # where functions look them up


keep_builtins(__name__)

# The functions of the interpreter itself: a program may have replaced those in `os` by functions that raise.
if sys.platform == "win32":
    import nt

    system = nt
else:
    import posix

    system = posix

# With it, opening a pipe that has no reader fails at once and does not wait.
NO_WAIT = getattr(os, "O_NONBLOCK", 0)
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
# Without it, Windows writes two bytes for a newline: an envelope's item is then longer than its header says.
_BINARY = getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK | _BINARY

# On Windows a virus scanner or an indexer may hold a new file, which cannot be renamed or removed meanwhile.
_TRIES = 5 if sys.platform == "win32" else 1
_BETWEEN_TRIES = 0.02  # seconds

# A descriptor. A host that closes all descriptors, as daemons do, gets the lowest numbers again for its own
# files: with such a number faulthandler would write into them. The smallest usual limit is 256.
_HIGH = 250

NO_DESCRIPTOR = (23, 24)  # ENFILE and EMFILE, the same on Linux, macOS, the BSDs and Windows
PARTIAL = ".partial"
# Seconds. A partial file that is older has no writer any more, and neither has the file of a process whose
# start time cannot be read.
ABANDONED = 600.0
LOADED = time.time_ns() // 1_000_000 / 1000  # as exact as the times in names


def opened(path: str, flags: int, mode: int) -> int:
    """The descriptor of a file or folder, for a caller that locks it.

    Raises:
        OSError: It cannot be opened.
    """
    return system.open(path, flags, mode)


def private_folder(path: str, *, also_open: bool = False) -> int:
    """Make a folder that only this user can enter, with its parents; how many folders were made.

    Args:
        path: The folder.
        also_open: Whether one will do into which others can write: a no is saved wherever it can be.

    Raises:
        OSError: It cannot be made, belongs to another user, is a link, or others can write into it.
    """
    made = 0
    try:
        system.mkdir(path, 0o700)
        return 1
    except FileExistsError:
        pass
    except FileNotFoundError:
        made = private_folder(os.path.dirname(path))
        try:
            system.mkdir(path, 0o700)
            made += 1
        except FileExistsError:
            pass
    found = system.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(20, "not a folder", path)
    if not is_own(found):
        raise PermissionError(13, "the folder belongs to another user", path)
    if not also_open and can_others_write(found):
        raise PermissionError(13, "other users can write into the folder", path)
    return made


def state_folder(path: str) -> int:
    """`private_folder` for one in a private folder: what is none and lies in its place is moved away.

    It is not opened. A folder that another process has made meanwhile stays.

    Raises:
        OSError: As `private_folder`, or what lies there cannot be moved away.
    """
    try:
        return private_folder(path)
    except NotADirectoryError:
        if not is_own_folder(os.path.dirname(path)):
            raise
    aside = f"{path}.{system.urandom(4).hex()}"
    create(aside)
    try:
        system.replace(path, aside)  # to where a file is, no folder can be moved
    except OSError:
        remove(aside)
    return private_folder(path)


def common_folder(path: str) -> None:
    """Make a folder of all programs (`~/.config`), with the rights that they would give it.

    Were it closed, a no that root saved in an image would not be seen by the user who runs it.

    Raises:
        OSError: It cannot be made.
    """
    os.makedirs(path, exist_ok=True)


def narrow_folder(path: str) -> None:
    """Remove the rights of all other users from a folder of this user.

    Raises:
        OSError: The folder does not exist, or belongs to another user.
    """
    if stat.S_IMODE(system.lstat(path).st_mode) & 0o077:
        system.chmod(path, 0o700)


def sync_folder(path: str) -> None:
    """Write a folder's names to disk, so that new, moved and removed files survive a power cut.

    Raises:
        OSError: The folder cannot be opened, or its disk reports an error.
    """
    if sys.platform == "win32":
        return  # a folder cannot be opened there, and NTFS keeps names in a journal
    descriptor = system.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _sync(descriptor)
    finally:
        system.close(descriptor)


def _sync(descriptor: int) -> None:
    """Wait until a file's content is on disk."""
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync() leaves it in the disk's own memory there
            return
        except (OSError, AttributeError):
            pass  # a file system, or a Python, that does not know it
    system.fsync(descriptor)


def create(path: str, data: bytes = b"") -> None:
    """Make a file that must not exist yet. A file that could not be written completely is removed.

    Raises:
        OSError: It exists already (FileExistsError), or cannot be written.
    """
    descriptor = system.open(path, _NEW, 0o600)
    try:
        try:
            while data:
                data = data[system.write(descriptor, data) :]
        finally:
            system.close(descriptor)
    except BaseException:
        system.unlink(path)
        raise


def create_to_append(path: str) -> int:
    """The descriptor of a new file to which this process and its forked children only append.

    Raises:
        OSError: It exists already, or cannot be made.
    """
    if sys.platform == "win32":
        return open_shared(path, os.O_APPEND, 1)  # CREATE_NEW
    return system.open(path, _NEW | os.O_APPEND, 0o600)


def open_shared(path: str, flags: int, disposition: int) -> int:
    """Open a file of Windows so that it can be renamed and removed meanwhile, which os.open() does not allow.

    Args:
        path: The file.
        flags: What the descriptor is told, beside being binary.
        disposition: What becomes of a file that is there, or not there (Microsoft, "CreateFileW").

    Raises:
        OSError: It cannot be opened.
    """
    if sys.platform != "win32":
        raise OSError(38, "on Windows only", path)
    import _winapi
    import msvcrt

    access, sharing, normal = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE, 0x7, 0x80
    handle = _winapi.CreateFile(path, access, sharing, 0, disposition, normal, 0)
    return msvcrt.open_osfhandle(handle, flags | _BINARY)


def write(path: str, data: bytes, *, durable: bool, again: bool = False) -> None:
    """Put `data` at `path`, completely or not at all.

    Args:
        path: The file. An existing file is replaced.
        data: Its content.
        durable: Whether to wait until the content is on disk, which is most of what a write costs. Without
            it a power cut may leave an empty file: that is for files which the next run can make again. The
            folder is not waited for: a power cut may undo the rename and leave the file of before.
            `sync_folder` prevents that.
        again: Whether the file must be there: what somebody has deleted meanwhile does not come back.

    Raises:
        OSError: The file could not be written, or is gone (FileNotFoundError). `path` is unchanged.
    """
    folder, name = os.path.split(path)
    # In containers the same pid comes back: the random part keeps apart from a killed writer's file.
    partial = os.path.join(folder, f".{name}.{system.getpid()}.{system.urandom(4).hex()}{PARTIAL}")
    descriptor = system.open(partial, _NEW, 0o600)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[system.write(descriptor, view) :]
            if durable:
                _sync(descriptor)
        finally:
            system.close(descriptor)
        if again:
            system.lstat(path)
        move(partial, path)
    except BaseException:
        remove(partial)
        raise


def move(source: str, target: str) -> None:
    """Rename a file within a volume; an existing target is replaced.

    A file that a virus scanner holds is tried again.

    Raises:
        OSError: It cannot be renamed.
    """
    for tries_left in range(_TRIES - 1, -1, -1):
        try:
            system.replace(source, target)
            return
        except PermissionError:
            if not tries_left:
                raise
            time.sleep(_BETWEEN_TRIES)


def append(path: str, data: bytes, *, create: bool = True) -> int:
    """Add to the end of a file and return the file's new size. One write call, so processes need no lock.

    Args:
        path: The file.
        data: The bytes to add.
        create: Whether to make the file where it is missing.

    Raises:
        OSError: The file cannot be written, is a link, or is missing and must not be made.
    """
    flags = os.O_WRONLY | os.O_APPEND | NO_WAIT | NO_LINK | _BINARY | (os.O_CREAT if create else 0)
    descriptor = system.open(path, flags, 0o600)
    try:
        system.write(descriptor, data)
        return system.fstat(descriptor).st_size
    finally:
        system.close(descriptor)


def touch(path: str) -> None:
    """Make an empty file, or empty an existing one, so that its time of change is now.

    Raises:
        OSError: It cannot be made.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | NO_WAIT | NO_LINK
    system.close(system.open(path, flags, 0o600))
    system.utime(path)  # an empty file that is emptied keeps its time on some systems


def age(path: str) -> float:
    """Seconds since a file or folder changed, never negative; infinite where it does not exist.

    A time in the future, which a change of the clock leaves, counts as if it were in the past.
    """
    try:
        return abs(time.time() - system.stat(path).st_mtime)
    except OSError:
        return float("inf")


def open_to_read(path: str, *, links: bool = False) -> int:
    """The descriptor of a file, for callers that read in pieces; they close it.

    Args:
        path: The file.
        links: Whether to follow a link.

    Raises:
        OSError: It cannot be opened, or is not a regular file.
    """
    descriptor = system.open(path, os.O_RDONLY | NO_WAIT | _BINARY | (0 if links else NO_LINK))
    if not stat.S_ISREG(system.fstat(descriptor).st_mode):
        system.close(descriptor)
        raise OSError(22, "not a file", path)
    return descriptor


def read_owned(path: str, most: int) -> "tuple[bytes, os.stat_result]":
    """The first `most` bytes of a file, behind a link too, and whose file that is.

    Raises:
        OSError: It cannot be opened, or is not a regular file.
    """
    with open(open_to_read(path, links=True), "rb") as file:
        return file.read(most), system.fstat(file.fileno())


def is_still(descriptor: int, identity: "os.stat_result | None") -> bool:
    """Whether a descriptor is still our file: the host may have closed it and opened another one."""
    try:
        return identity is not None and os.path.samestat(identity, system.fstat(descriptor))
    except OSError:
        return False


def is_own(found: "os.stat_result") -> bool:
    """Whether a file belongs to this user."""
    return not hasattr(system, "geteuid") or found.st_uid == system.geteuid()


def is_foreign(path: str) -> bool:
    """Whether something that is no file, or is a link, lies at a path of one of our files."""
    try:
        return not stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def share(path: str, data: bytes) -> None:
    """Put `data` at `path` for every user of this machine to read, and this one to write; with its folder.

    Raises:
        OSError: It could not be written.
    """
    private_folder(os.path.dirname(path), also_open=True)
    system.chmod(os.path.dirname(path), 0o755)  # every user reads it; only this one writes
    write(path, data, durable=True)
    system.chmod(path, 0o644)


def read(path: str, most: int, *, links: bool = False) -> bytes:
    """The first `most` bytes of a file.

    Raises:
        OSError: It cannot be opened, or is not a regular file.
    """
    with open(open_to_read(path, links=links), "rb") as file:
        return file.read(most)


def remove(path: str) -> bool:
    """Remove a file; whether this call removed it. A file that a scanner holds is tried again."""
    for tries_left in range(_TRIES - 1, -1, -1):
        try:
            system.unlink(path)
            return True
        except PermissionError:
            if tries_left:
                time.sleep(_BETWEEN_TRIES)
        except OSError:
            break
    return False


def remove_empty(folder: str, *, most: int) -> None:
    """Remove a folder and those above it, `most` of them, as long as they are empty. Never raises."""
    try:
        for _ in range(most):
            system.rmdir(folder)
            folder = os.path.dirname(folder)
    except OSError:
        pass  # something lies in it, or it was never made


def is_own_folder(folder: str) -> bool:
    """Whether a folder is a real one of this user into which nobody else can write, no link to one."""
    try:
        found = system.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and is_own(found) and not can_others_write(found)


def can_others_write(found: "os.stat_result") -> bool:
    """Whether all users can write into a folder, or a group that is neither that of this process nor 0."""
    if not hasattr(system, "getegid"):
        return False
    return bool(found.st_mode & 0o002) or (
        bool(found.st_mode & 0o020) and found.st_gid not in (0, system.getegid())
    )


def names(folder: str) -> "list[str]":
    """The names in a folder of this user, sorted; an empty list where there is none, or a link."""
    try:
        return sorted(system.listdir(folder)) if is_own_folder(folder) else []
    except OSError:
        return []


def is_empty(folder: str) -> bool:
    """Whether a folder is empty, missing or a link. Reads one entry, however full the folder is."""
    try:
        if not is_own_folder(folder):
            return True
        with system.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def sweep_partials(folder: str) -> None:
    """Remove the partial files of writers that were killed long ago. Never raises."""
    for name in names(folder):
        path = os.path.join(folder, name)
        if is_partial(name) and age(path) > ABANDONED:
            remove(path)


def is_partial(name: str) -> bool:
    """Whether a name is that of a partial file: one that is being written."""
    return name[:1] == "." and name.endswith(PARTIAL)


def open_null() -> int:
    """A descriptor of the null device, for reading and writing.

    Raises:
        OSError: No descriptor is left, or the device does not exist.
    """
    return system.open(os.devnull, os.O_RDWR)


def process_token() -> str:
    """What tells this process from every other one that writes into the same folder, for the names of files.

    The process id, and on Linux its start in clock ticks since the boot, the address of its stack, its PID
    namespace and the boot: `PID_START_STACK_NAMESPACE_BOOT`. The same id is given again; two containers on
    one home have the same ids; clocks are set back; only `exec` changes the stack of a process. Source:
    proc(5).
    """
    pid = system.getpid()
    try:
        _, start, stack = process_of("self")
        namespace = system.readlink("/proc/self/ns/pid").partition("[")[2].rstrip("]")
        boot = _start_of("/proc/sys/kernel/random/boot_id")[:8]
    except (OSError, ValueError, IndexError):
        return str(pid)
    return f"{pid}_{start}_{stack}_{namespace}_{boot}"


def _start_of(path: str) -> str:
    descriptor = system.open(path, os.O_RDONLY)
    try:
        return system.read(descriptor, 2000).decode("ascii", "replace")
    finally:
        system.close(descriptor)


def process_of(pid: "int | str") -> "tuple[int, str, str]":
    """(pid as /proc has it, start, address of the stack) of a process; a zombie has no start."""
    number, _, rest = _start_of(f"/proc/{pid}/stat").partition(" ")
    fields = rest.rpartition(")")[2].split()
    return int(number), "" if fields[0] in "ZX" else fields[19], fields[25]


def lock_while_alive(descriptor: int) -> None:
    """Lock a file until this process ends, so that another container sees that it lives. Never raises.

    It is a record lock: forked children do not have it, and `is_locked` of this process does not see it.
    """
    if sys.platform == "win32":
        return
    try:
        os.lockf(descriptor, os.F_TLOCK, 0)
    except OSError:
        pass  # a file system without locks


def move_high(descriptor: int) -> int:
    """The same file under a high number, which the system does not assign again soon, if that one is free."""
    try:
        system.fstat(_HIGH)
    except OSError:
        try:
            moved = os.dup2(descriptor, _HIGH, inheritable=False)
        except OSError:
            return descriptor  # 250 is beyond the limit of this process
        system.close(descriptor)
        return moved
    return descriptor  # the host uses 250
