"""The `crashguard` command; `python -m crashguard` is the same."""

import sys


def main() -> None:
    """Run the command line and end the process with its exit status."""
    try:
        from crashguard.cli.main import main as run
    except ModuleNotFoundError as error:
        needed = (error.name or "").partition(".")[0]
        if needed not in ("click", "rich"):
            raise
        sys.stderr.write(
            f"crashguard: the command needs {needed}, which is not installed; "
            "install it with: pip install 'crashguard[cli]'\n"
        )
        sys.exit(2)
    run()


if __name__ == "__main__":
    main()
