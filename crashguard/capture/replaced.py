"""`os.execv` and its kin: the process becomes another program, which is no crash.

No hook is called then, and what is left looks as after SIGKILL. So the run marker gets another name before
the call, and its own one again where the call fails. An audit hook would be told as well: CPython asks it
about each `id()` and each import too, so that `copy.deepcopy` takes twice its time, and never takes it off.

This module is imported at the first such call.
"""

from functools import partial

from crashguard import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.capture.run import Run


def reversible(run: "Run | None", execute: "Any") -> "Any":
    """Rename the marker of a run for a call that is made at once.

    Args:
        run: The run of this process, or of the parent that forked it.
        execute: `os.execv` or `os.execve`.

    Returns:
        The function. Its end, which comes only where the call has failed, gives the marker its name back.
    """
    if run is None or run.marker is None:
        return execute
    if not run.is_mine and files.fate_of(run.token, files.process_token()) != files.GONE:
        return execute  # a forked child of a run that goes on
    aside = run.marker.removesuffix(paths.MARKER) + paths.REPLACED
    files.move(run.marker, aside)
    call: Any = partial(execute)
    call.back = _Back(run.marker, aside)
    return call


class _Back:
    """Renames the marker back when it is destroyed, so that no traceback of the failure shows a frame."""

    __slots__ = ("_aside", "_marker")

    def __init__(self, marker: str, aside: str) -> None:
        self._marker = marker
        self._aside = aside

    def __del__(self) -> None:
        try:
            files.move(self._aside, self._marker)
        except Exception:  # noqa: BLE001, S110 (somebody deleted it)
            pass
