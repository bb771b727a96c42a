"""The `crashguard` command; `python -m crashguard` is the same."""

import os
import sys


def main() -> None:
    """Run the command line and end the process with its exit status."""
    try:
        from crashguard.cli.main import main as run
    except ModuleNotFoundError as error:
        needed = (error.name or "").partition(".")[0]
        if needed != "click":
            raise
        sys.stderr.write("crashguard: the command needs click; install it with: pip install click\n")
        sys.exit(2)
    run()


def _leave_working_directory() -> None:
    """Import nothing from the working directory, which `python -m` puts first on the path.

    A `json.py` that lies there would be run with the rights of whoever looks at a report. Where this package
    itself was imported from there, as in a checkout, the directory stays.
    """
    try:
        here = os.getcwd()
    except OSError:  # it was removed
        here = ""
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if sys.path and not sys.flags.safe_path and sys.path[0] in ("", here) and home != here:
        del sys.path[0]


if __name__ == "__main__":
    _leave_working_directory()
    main()
