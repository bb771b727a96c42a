"""The one notice: printed on a terminal before the first record, and never again.

It says what is collected, where it goes, how to refuse and where the page is. Not in CI, not where output
goes to a pipe or a file, not where the tool switched it off. A file in the spool says that it was shown. The
process that makes this file prints the notice, so that two processes do not both print it.
"""

import os
import sys

from crashguard import files
from crashguard.capture.message import short_path
from crashguard.stats import config as settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Config

MARK = "stats-notice"


def show_once(config: "Config", destination: tuple[str, str]) -> None:
    """Print the notice if it was never shown. Raises nothing but OSError."""
    if not settings.current().notice or os.environ.get("CI"):
        return
    mark = os.path.join(config.spool, MARK)
    if os.path.lexists(mark) or not (_is_terminal(sys.stderr) and _is_terminal(sys.stdout)):
        return
    files.private_folder(config.spool)
    try:
        files.create(mark)
    except FileExistsError:
        return
    sys.stderr.write(words(config, destination))
    sys.stderr.flush()


def words(config: "Config", destination: tuple[str, str]) -> str:
    """The notice's text, with the newline at its end."""
    page = settings.current().page
    return (
        f"\n{config.app} collects stats: which commands run and how they end, numbers about syncs, and, when "
        f"you are logged in,\nyour user or team with them. No arguments, no data, no error texts of "
        f"commands. They are sent to {settings.host_of(destination[0])}.\n"
        f"Say no: {config.env_var}=none, or `crashguard level none`. "
        f"See them: {short_path(config.spool)}{'' if page is None else f'    More: {page}'}\n"
        "This is said once.\n\n"
    )


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 (None, closed, or replaced by anything: then nobody reads it)
        return False
